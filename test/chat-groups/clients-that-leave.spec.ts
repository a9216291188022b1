import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { ACME, ACME_KEY, type Answer, type TestGateway, startTestGateway } from '../support/gateway.js';
import { HeldSocket } from '../support/held-socket.js';
import { unusedPort } from '../support/unused-port.js';

const NUMBER = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}`;
const GROUPS = `${NUMBER}/groups`;
/** Longer than any test: what ends before was ended because its clients have left. */
const NEVER_MS = 300_000;

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({
    MANAGEMENT_PORT: String(await unusedPort()),
    CAMS_MAX_CONCURRENCY: '4',
    CAMS_TIMEOUT_MS: '60000',
    REQUEST_BUDGET_MS: '60000',
  });
});
afterAll(() => gateway.close());
beforeEach(async () => {
  await gateway.sandbox.reset();
  await underWay(0);
  // A complete scan holds until the next write.
  expect((await create(randomUUID())).status).toBe(201);
  await gateway.sandbox.forgetCalls();
});

interface Sent {
  readonly path?: string;
  readonly method?: string;
  readonly body?: unknown;
  readonly key?: string;
}

/** A client that can leave before it has received the response. */
function client({ path = GROUPS, method = 'GET', body, key }: Sent = {}): HeldSocket {
  const json = body === undefined ? '' : JSON.stringify(body);
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'Host: x',
    `X-Api-Key: ${ACME_KEY}`,
    ...(key === undefined ? [] : [`Idempotency-Key: ${key}`]),
    ...(json === '' ? [] : ['Content-Type: application/json', `Content-Length: ${json.length}`]),
  ];
  return new HeldSocket(gateway.url, `${lines.join('\r\n')}\r\n\r\n${json}`);
}

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${gateway.managementUrl}/metrics`)).text();
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  return Number(line?.split(' ').at(-1) ?? 0);
}

const metricIs = (name: string, value: number): Promise<true> =>
  eventually(async () => ((await metric(name)) === value ? true : undefined));
const underWay = (calls: number): Promise<true> => metricIs('gateway_cams_calls_under_way', calls);
const waiting = (calls: number): Promise<true> => metricIs('gateway_cams_calls_waiting', calls);

/** Makes lists of groups take this long. */
const slowLists = (ms: number): Promise<void> =>
  gateway.sandbox.fault({ kind: 'latency', action: 'ListChatGroup', ms });

/** Takes all permits with lists of different pages. */
async function fill(): Promise<HeldSocket[]> {
  await slowLists(NEVER_MS);
  const clients = [1, 2, 3, 4].map((page) => client({ path: `${GROUPS}?subject=page-${page}` }));
  await underWay(4);
  return clients;
}

const received = (socket: HeldSocket, status: number): Promise<true> =>
  eventually(async () => (socket.received.startsWith(`HTTP/1.1 ${status}`) ? true : undefined));

const create = (key: string): Promise<Answer> =>
  gateway.rest(GROUPS, {
    method: 'POST',
    body: { subject: key },
    headers: { 'idempotency-key': key },
  });

describe('a client that leaves', () => {
  it('leaves nothing that a later client would get instead of a scan', async () => {
    const path = `${GROUPS}/unknown`;
    await slowLists(NEVER_MS);
    const socket = client({ path });
    await underWay(1);
    socket.destroy();
    await gateway.sandbox.clearFaults();
    expect((await gateway.rest(path)).status).toBe(404);
  });

  it('leaves nothing that a later client would get instead of a scan that was not due yet', async () => {
    expect((await gateway.rest(`${GROUPS}/unknown`)).status).toBe(404);
    expect((await create(randomUUID())).status).toBe(201);
    await gateway.sandbox.forgetCalls();
    const sockets = [client({ path: `${GROUPS}/unknown` }), client({ path: `${GROUPS}/unknown` })];
    await sleep(200);
    for (const socket of sockets) socket.destroy();
    expect(await gateway.sandbox.actions()).toEqual([]);
    // The scan would have begun by now.
    await sleep(2_000);
    expect((await gateway.rest(`${GROUPS}/unknown`)).status).toBe(404);
  });

  it.each([
    ['a list', { path: GROUPS }],
    ['all groups, to find one', { path: `${GROUPS}/unknown` }],
    ['a list over GraphQL', { path: '/graphql', method: 'POST', body: { query: listQuery() } }],
    ['the group that it would have changed', { path: `${GROUPS}/unknown`, method: 'DELETE' }],
  ])('frees the permit of the call that reads %s', async (_what, sent) => {
    await slowLists(NEVER_MS);
    const socket = client(sent);
    await underWay(1);
    socket.destroy();
    await underWay(0);
  });

  it('frees the permits of every field of its query', async () => {
    await slowLists(NEVER_MS);
    const fields = [1, 2, 3].map((n) => `f${n}: ${listField(`subject: "page-${n}"`)}`);
    const socket = client({ path: '/graphql', method: 'POST', body: { query: `{ ${fields.join(' ')} }` } });
    await underWay(3);
    socket.destroy();
    await underWay(0);
  });

  it('frees its place in the queue, and the write that waited there is never sent', async () => {
    const clients = await fill();
    const socket = client({ method: 'POST', body: { subject: 'left' }, key: 'left' });
    await waiting(1);
    socket.destroy();
    await waiting(0);
    await underWay(4);
    for (const one of clients) one.destroy();
    await underWay(0);
    await gateway.sandbox.clearFaults();
    expect(await gateway.sandbox.calls('AddChatGroup')).toEqual([]);
    expect((await create('left')).status).toBe(201);
    expect(await gateway.sandbox.calls('AddChatGroup')).toHaveLength(1);
  });

  it('leaves a write that was sent to end, so that a retry gets its outcome', async () => {
    await gateway.sandbox.fault({ kind: 'latency', action: 'AddChatGroup', ms: 500 });
    const socket = client({ method: 'POST', body: { subject: 'sent' }, key: 'sent' });
    await underWay(1);
    socket.destroy();
    await underWay(0);
    const retry = await eventually(async () => {
      const answer = await create('sent');
      return answer.body.code === 'IDEMPOTENCY_IN_FLIGHT' ? undefined : answer;
    });
    expect([retry.status, retry.headers.get('idempotency-replayed')]).toEqual([201, 'true']);
    expect(await gateway.sandbox.calls('AddChatGroup')).toHaveLength(1);
  });

  it.each([
    ['a list', GROUPS],
    ['a scan for a group', `${GROUPS}/unknown`],
  ])('leaves %s to others that wait for it', async (_what, path) => {
    await slowLists(1_000);
    const first = client({ path });
    await underWay(1);
    const second = client({ path });
    const third = client({ path });
    await sleep(200);
    first.destroy();
    third.destroy();
    await received(second, path === GROUPS ? 200 : 404);
    second.destroy();
  });

  it('leaves nothing that a later client would get instead of a list', async () => {
    await slowLists(NEVER_MS);
    const sockets = [client(), client()];
    await underWay(1);
    for (const socket of sockets) socket.destroy();
    await gateway.sandbox.clearFaults();
    expect((await gateway.rest(GROUPS)).status).toBe(200);
  });
});

function listField(filter: string): string {
  return `chatGroups(businessNumber: "${ACME.businessNumber}", custSpaceId: "${ACME.custSpaceId}", first: 1, ${filter}) { totalCount }`;
}

function listQuery(): string {
  return `{ ${listField('subject: "one"')} }`;
}

describe('a response that GraphQL sends because of the error of one field', () => {
  it('ends what the others were doing', async () => {
    await gateway.sandbox.fault({ kind: 'latency', action: 'ListChatGroupParticipants', ms: NEVER_MS });
    const { businessNumber } = ACME;
    const other = `chatGroups(custSpaceId: "cams-other", businessNumber: "${businessNumber}") { totalCount }`;
    const own = `chatGroups(businessNumber: "${businessNumber}", first: 10) { nodes { participants { id } } }`;
    const { body } = await gateway.graphql(`{ other: ${other} own: ${own} }`);
    expect(body).toMatchObject({
      data: null,
      errors: [{ path: ['other'], extensions: { code: 'NOT_FOUND' } }],
    });
    // Otherwise, a tenant could have any number of requests in progress.
    await Promise.all([underWay(0), waiting(0)]);
  });
});
