import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { settleGroups } from '../support/cached-lists.js';
import { FAST_PATH } from '../support/fast-path-of-project.js';
import { eventually } from '../support/eventually.js';
import { ACME, type Answer, type TestGateway, startTestGateway } from '../support/gateway.js';

const MAX_DELAY_MS = 100;
const LIST = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;
const QUERY = `{ chatGroups(businessNumber: "${ACME.businessNumber}") { nodes { groupId } } }`;
/** Counts as several requests. */
const LARGE = `{ chatGroups(businessNumber: "${ACME.businessNumber}", first: 100) { nodes { description subject a: description } } }`;

let gateway: TestGateway;
let missed = 0;

beforeAll(async () => {
  gateway = await startTestGateway({
    MAX_EVENT_LOOP_DELAY_MS: String(MAX_DELAY_MS),
    CACHE_FRESH_MS: '600000',
    CACHE_STALE_WHILE_REVALIDATE_MS: '600000',
  });
  await settleGroups(gateway);
});
afterAll(() => gateway.close());
/** Waits until nothing is refused, and fills the cache. */
beforeEach(async () => {
  const cheap = [() => gateway.rest(LIST), () => gateway.graphql(QUERY), () => gateway.graphql(QUERY)];
  for (const ask of [uncached, ...cheap]) await done(ask);
});

/** Asks until it is not refused: the share that is refused falls slowly. */
const done = (ask: () => Promise<Answer>): Promise<Answer> =>
  eventually(async () => {
    const answer = await ask();
    return answer.status < 300 && answer.body.errors === undefined ? answer : undefined;
  });

/** A list that CAMS must be asked for. */
const uncached = (): Promise<Answer> => gateway.rest(`${LIST}?subject=${(missed += 1)}`);

/** Delays the event loop, which the gateway shares with this test, while `act` runs. */
async function busily<T>(act: () => Promise<T>): Promise<T> {
  const busy = setInterval(() => {
    for (const end = performance.now() + 3 * MAX_DELAY_MS; performance.now() < end;) continue;
  }, 1);
  try {
    return await act();
  } finally {
    clearInterval(busy);
  }
}

/** Waits until the changed list is in the cache. */
async function changeList(): Promise<void> {
  const { body } = await done(() => gateway.rest(LIST));
  const path = `${LIST}/${body.data[0].groupId}`;
  const description = `Changed ${(missed += 1)}.`;
  await done(() => gateway.rest(path, { method: 'PATCH', body: { description } }));
  await eventually(async () => {
    const { text, headers } = await gateway.rest(LIST);
    return (text.includes(description) && /; hit/.test(headers.get('cache-status') ?? '')) || undefined;
  });
}

const refused = (ask: () => Promise<Answer>): Promise<Answer> =>
  eventually(async () => {
    const answer = await ask();
    return answer.status === 503 ? answer : undefined;
  });

it('refuses calls to CAMS while the event loop is delayed, and serves what is cached', async () => {
  const [answer, ...cheap] = await busily(async () => [
    await refused(uncached),
    await gateway.rest(LIST),
    await gateway.graphql(QUERY),
    await gateway.rest('/v1/viewer'),
    await gateway.rest('/docs/errors', { key: null }),
  ]);
  expect([answer?.body.code, answer?.headers.get('retry-after')]).toEqual(['OVERLOADED', '2']);
  expect(cheap.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
});

it.each<[string, () => Promise<Answer>]>([
  ['a write over REST', () => gateway.rest(LIST, { method: 'POST', body: {} })],
  [
    'a mutation',
    () => gateway.graphql('mutation { closeChatGroupOperation(input: { id: "x" }) { requestId } }'),
  ],
  [
    'a long document that is not known to be valid',
    () => gateway.graphql(`{ __typename } #${'long'.repeat(300)}${(missed += 1)}`),
  ],
])('refuses %s before anything else', async (_kind, ask) => {
  const answer = await busily(() => refused(ask));
  expect(answer.text).toContain('"code":"OVERLOADED"');
  expect(answer.text).toContain('Nothing was done.');
});

it('refuses to render large responses to known queries', async () => {
  const known = Array.from({ length: 40 }, (_, n) => `${LARGE} #${n}`);
  for (const query of known) await done(() => gateway.graphql(query));
  // They have been rendered, but not for the list after this write.
  await changeList();
  let next = 0;
  const answer = await busily(() =>
    refused(() => {
      const query = known[next];
      if (query === undefined) throw new Error('All of them were rendered.');
      next += 1;
      return gateway.graphql(query);
    }),
  );
  expect(answer.body.errors[0].extensions.code).toBe('OVERLOADED');
  expect(answer.headers.get('retry-after')).toBe('2');
});

it('refuses to render large pages over REST, but not those that have been rendered', async () => {
  // Without the fast path, nothing that was rendered is kept.
  const served = FAST_PATH === 'off' ? LIST : `${LIST}?size=100`;
  await done(() => gateway.rest(served));
  let size = 20;
  const [answer, known] = await busily(async () => [
    await refused(() => {
      if (size === 99) throw new Error('All of them were rendered.');
      return gateway.rest(`${LIST}?size=${(size += 1)}`);
    }),
    await gateway.rest(served),
  ]);
  expect([answer?.body.code, known?.status]).toEqual(['OVERLOADED', 200]);
});
