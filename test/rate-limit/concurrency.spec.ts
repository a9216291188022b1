import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import {
  ACME,
  ACME_KEY,
  type Answer,
  GLOBEX_KEY,
  type TestGateway,
  startTestGateway,
} from '../support/gateway.js';

const LIST = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;
/** Counts as four requests. */
const LARGE = `{ chatGroups(businessNumber: "${ACME.businessNumber}", first: 100) { nodes { description subject profilePictureUrl id inviteLink a: description } } }`;
const FILTERED = LARGE.replace('{ chat', 'query ($subject: String) { chat').replace(
  'first: 100',
  'first: 100, subject: $subject',
);
/** 16 to 20 calls count as four requests, but this response as one. */
const MEMBERS = `query ($subject: String) { chatGroups(businessNumber: "${ACME.businessNumber}", first: 15, subject: $subject) { nodes { participants { id } } } }`;

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({
    TENANTS_FILE: 'test/support/tenants.concurrency.yaml',
    // The work for a client that has left ends with its calls.
    CAMS_TIMEOUT_MS: '1500',
  });
});
afterAll(() => gateway.close());
beforeEach(() => gateway.sandbox.forgetCalls());
afterEach(() => gateway.sandbox.reset());

const viewer = (key = ACME_KEY): Promise<Answer> => gateway.rest('/v1/viewer', { key });
const inFlight = (count: number): Promise<true> =>
  eventually(async () => (await gateway.sandbox.actions()).length >= count || undefined);
/** Resolves once all requests in flight have left their places. */
const idle = (): Promise<true> =>
  eventually(async () => {
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => viewer()));
    return answers.every(({ status }) => status === 200) || undefined;
  });

/** Starts list requests that CAMS does not answer, for different pages. */
async function hold(count: number): Promise<Promise<Answer>[]> {
  await gateway.sandbox.fault({ kind: 'hang', action: 'ListChatGroup' });
  const held = Array.from({ length: count }, (_, i) => gateway.rest(`${LIST}?size=1&subject=held${i}`));
  await inFlight(count);
  return held;
}

/** Sends bytes and closes the connection once `until` resolves. */
async function abort(text: string, until: () => Promise<unknown>): Promise<void> {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  socket.write(text);
  await until();
  socket.destroy();
}

const head = (method: string, path: string, ...headers: string[]): string =>
  [
    `${method} ${path} HTTP/1.1`,
    'Host: gateway',
    `Authorization: Bearer ${ACME_KEY}`,
    ...headers,
    '',
    '',
  ].join('\r\n');

it('a tenant has a limited number of requests in flight', async () => {
  const held = await hold(5);
  const refused = await viewer();
  expect([refused.status, refused.body.code, refused.headers.get('retry-after')]).toEqual([
    429,
    'RATE_LIMITED',
    '1',
  ]);
  expect(refused.body.detail).toMatch(/^You have reached your limit of 5 concurrent requests\./);
  const refusedQuery = await gateway.graphql('{ viewer { tenantId } }');
  expect([refusedQuery.status, refusedQuery.body.errors[0].extensions.code]).toEqual([429, 'RATE_LIMITED']);
  expect((await viewer(GLOBEX_KEY)).status).toBe(200);
  await Promise.all(held);
  expect(await idle()).toBe(true);
});

it('a request with a large response needs one free place, on either path', async () => {
  for (const _ of [1, 2, 3]) expect((await gateway.graphql(LARGE)).status).toBe(200);
  const four = await hold(4);
  for (const _ of [1, 2]) expect((await gateway.graphql(LARGE)).status).toBe(200);
  await Promise.all(four);
  await gateway.sandbox.forgetCalls();
  const five = await hold(5);
  const { status, body, headers } = await gateway.graphql(LARGE);
  expect([status, body.errors[0].extensions.code, headers.get('retry-after')]).toEqual([
    429,
    'RATE_LIMITED',
    '1',
  ]);
  await Promise.all(five);
  expect(await idle()).toBe(true);
});

it.each([
  ['a large response', FILTERED],
  ['many calls', MEMBERS],
])('a request with %s counts as several while it is in flight, on either path', async (_what, query) => {
  for (const path of ['new', 'known']) {
    await gateway.sandbox.fault({ kind: 'hang', action: 'ListChatGroup' });
    // Four places.
    const large = gateway.graphql(query, { subject: path });
    await inFlight(1);
    expect((await viewer()).status).toBe(200);
    const fifth = gateway.rest(`${LIST}?size=1&subject=fifth-${path}`);
    await inFlight(2);
    expect((await viewer()).status).toBe(429);
    await Promise.all([large, fifth]);
    await gateway.sandbox.reset();
    expect(await idle()).toBe(true);
    for (const _ of [1, 2]) await gateway.graphql(query, { subject: `warm ${path}` });
    await gateway.sandbox.forgetCalls();
  }
});

it('calls are counted for the variables of a request, which may count as more than the limit', async () => {
  const query = `query ($n: Int, $subject: String) { chatGroups(businessNumber: "${ACME.businessNumber}", first: $n, subject: $subject) { nodes { participants { id } } } }`;
  for (const n of [4, 59, 4, 59]) {
    await gateway.sandbox.forgetCalls();
    await gateway.sandbox.fault({ kind: 'hang', action: 'ListChatGroup' });
    const asked = gateway.graphql(query, { n, subject: `held ${Math.random()}` });
    await inFlight(1);
    expect((await viewer()).status).toBe(n === 4 ? 200 : 429);
    await asked;
    await gateway.sandbox.reset();
    expect(await idle()).toBe(true);
  }
});

it('of several requests with large responses, no more are handled at once than fit', async () => {
  await gateway.sandbox.fault({ kind: 'latency', action: 'ListChatGroup', ms: 500 });
  const answers = await Promise.all(
    [1, 2, 3, 4].map((n) => gateway.graphql(FILTERED, { subject: `burst ${n}` })),
  );
  const statuses = answers.map(({ status }) => status);
  // The first one takes four places, the second one the last place and three more.
  expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(2);
  expect(statuses).toContain(200);
  expect(statuses).toContain(429);
  expect(await idle()).toBe(true);
});

it('a read whose client has left gives its place back', async () => {
  await gateway.sandbox.fault({ kind: 'hang', action: 'ListChatGroup' });
  for (let sent = 0; sent < 5; sent += 1)
    await abort(head('GET', `${LIST}?size=1&subject=left${sent}`), () => inFlight(sent + 1));
  expect(await idle()).toBe(true);
});

it('a write whose client has left gives its place back once its work has ended', async () => {
  await gateway.sandbox.fault({ kind: 'hang', action: 'AddChatGroup' });
  const sent = (count: number) => async (): Promise<true | undefined> =>
    (await gateway.sandbox.calls('AddChatGroup')).length === count || undefined;
  for (let count = 1; count <= 5; count += 1) {
    const body = JSON.stringify({ subject: `left ${count}` });
    const headers = ['Content-Type: application/json', `Content-Length: ${body.length}`];
    await abort(head('POST', LIST, ...headers) + body, () => eventually(sent(count)));
  }
  expect((await viewer()).status).toBe(429);
  expect(await idle()).toBe(true);
});

it('an aborted upload and aborted pipelined requests give their places back', async () => {
  await abort(head('POST', LIST, 'Content-Type: application/json', 'Content-Length: 1000') + '{', () =>
    viewer(),
  );
  await gateway.sandbox.fault({ kind: 'hang', action: 'ListChatGroup' });
  const pipelined = [1, 2, 3, 4].map((n) => head('GET', `${LIST}?size=1&subject=piped${n}`));
  await abort(pipelined.join(''), () => inFlight(1));
  expect(await idle()).toBe(true);
  expect(await idle()).toBe(true);
});
