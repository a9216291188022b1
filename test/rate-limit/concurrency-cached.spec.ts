import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { cachedIn, cacheStatus, HIT, settleGroups } from '../support/cached-lists.js';
import { eventually } from '../support/eventually.js';
import { ACME, ACME_KEY, type Answer, type TestGateway, startTestGateway } from '../support/gateway.js';
import { RedisServer } from '../support/redis-server.js';
import { outlivesQuarantine } from '../support/redis-time.js';
import { TcpProxy } from '../support/tcp-proxy.js';

/** Requests that acme may have in flight. */
const LIMIT = 5;
const AT_ONCE = 20;
const CALL_MS = 2_000;
const LATE_MS = 300;
const LIST = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;
const PAGE = `${LIST}?size=100`;
const NUMBER = `businessNumber: "${ACME.businessNumber}"`;
const QUERY = `{ chatGroups(businessNumber: "${ACME.businessNumber}", first: 3) { nodes { groupId } } }`;

let redis: RedisServer;
let proxy: TcpProxy;
let gateway: TestGateway;

beforeAll(async () => {
  redis = await RedisServer.start();
  await outlivesQuarantine(redis, CALL_MS + LATE_MS);
  proxy = await TcpProxy.start(redis.port);
  gateway = await startTestGateway({
    ...cachedIn(`redis://127.0.0.1:${proxy.port}`, CALL_MS, LATE_MS),
    STATE_REDIS_URL: redis.url,
    TENANTS_FILE: 'test/support/tenants.concurrency.yaml',
  });
});
afterAll(async () => {
  await gateway.close();
  await proxy.close();
  await redis.stop();
});
beforeEach(async () => {
  await settleGroups(gateway);
  // A process keeps a page from its second request on.
  await eventually(async () => HIT.test((await cacheStatus(gateway)) ?? '') || undefined);
  await cacheStatus(gateway);
  await gateway.sandbox.forgetCalls();
});
afterEach(async () => {
  proxy.repair();
  await gateway.sandbox.reset();
});

const atOnce = (request: () => Promise<Answer>): Promise<Answer[]> =>
  Promise.all(Array.from({ length: AT_ONCE }, request));
const statuses = (answers: readonly Answer[]): number[] => answers.map(({ status }) => status);

it.each([
  ['REST', () => gateway.rest(PAGE)],
  ['GraphQL', () => gateway.graphql(QUERY)],
])('pages that the process holds are served beyond the limit (%s)', async (_, read) => {
  // Long enough for more requests than the limit to wait for the store.
  proxy.delay(10);
  expect(statuses(await atOnce(read))).toEqual(Array.from({ length: AT_ONCE }, () => 200));
  expect(await gateway.sandbox.actions()).toEqual([]);
});

/** Outdates every page, and makes listing one take a while. */
async function outdate(): Promise<void> {
  const [group] = await gateway.sandbox.groups(ACME);
  const change = { method: 'PATCH', body: { subject: `Changed ${Date.now()}` } };
  expect((await gateway.rest(`${LIST}/${group?.groupId}`, change)).status).toBeLessThan(300);
  await settleGroups(gateway);
  await gateway.sandbox.forgetCalls();
  await gateway.sandbox.fault({ kind: 'latency', action: 'ListChatGroup', ms: 500 });
}

it('a page that the process holds is not served beyond the limit once it has to be listed again', async () => {
  await outdate();
  proxy.delay(10);
  const answers = statuses(await atOnce(() => gateway.rest(PAGE)));
  const served = answers.filter((status) => status === 200).length;
  expect(served).toBeGreaterThan(0);
  expect(served).toBeLessThanOrEqual(LIMIT);
  expect(answers.filter((status) => status === 429)).toHaveLength(AT_ONCE - served);
  expect(await gateway.sandbox.calls('ListChatGroup')).toHaveLength(1);
});

it('no more pages are listed at once than the limit, although the process holds all of them', async () => {
  const pages = Array.from({ length: AT_ONCE }, (_, index) => `${LIST}?size=10&subject=S${index}`);
  for (const page of pages)
    for (let reads = 0; reads < 3; reads += 1) expect((await gateway.rest(page)).status).toBe(200);
  await outdate();
  const answers = statuses(await Promise.all(pages.map((page) => gateway.rest(page))));
  expect((await gateway.sandbox.calls('ListChatGroup')).length).toBeLessThanOrEqual(LIMIT);
  expect(answers).toContain(429);
  // Nobody waits for a reader that was refused.
  await gateway.sandbox.clearFaults();
  const refused = pages.filter((_, index) => answers[index] === 429);
  for (const page of refused)
    expect((await gateway.rest(page)).headers.get('cache-status')).toMatch(/fwd=miss; stored|; hit;/);
});

it.each([
  [
    'another root',
    (n: number) => `b: chatGroups(${NUMBER}, first: 1, subject: "other ${n}") { nodes { id } }`,
  ],
  ['a nested field', () => `b: chatGroups(${NUMBER}, first: 2) { nodes { participants { id } } }`],
])('a query for a page that the process holds counts if %s costs more', async (_, other) => {
  for (const action of ['ListChatGroup', 'ListChatGroupParticipants'])
    await gateway.sandbox.fault({ kind: 'latency', action, ms: 500 });
  const query = (n: number): string => `{ a: chatGroups(${NUMBER}, first: 1) { nodes { id } } ${other(n)} }`;
  const answers = await Promise.all(Array.from({ length: AT_ONCE }, (__, n) => gateway.graphql(query(n))));
  const whole = answers.filter(({ body }) => body.errors === undefined).length;
  expect(whole).toBeGreaterThan(0);
  expect(whole).toBeLessThanOrEqual(LIMIT);
});

it('a response counts until its client has read it, although its page was cached', async () => {
  await gateway.sandbox.createGroups(100, { ...ACME, subject: 'Long', description: 'long '.repeat(400) });
  const path = `${PAGE}&subject=Long`;
  for (let reads = 0; reads < 3; reads += 1) expect((await gateway.rest(path)).status).toBe(200);
  const { hostname, port } = new URL(gateway.url);
  const slow = Array.from({ length: LIMIT }, () => connect(Number(port), hostname).pause());
  const request = `GET ${path} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer ${ACME_KEY}\r\n\r\n`;
  const isRefused = async (): Promise<boolean> => (await gateway.rest('/v1/viewer')).status === 429;
  // Until the buffers of the connections are full.
  const blocks = async (): Promise<boolean> => {
    for (const socket of slow) socket.write(request);
    return isRefused();
  };
  expect(await eventually(async () => (await blocks()) || undefined)).toBe(true);
  for (const socket of slow) socket.destroy();
  expect(await eventually(async () => !(await isRefused()) || undefined)).toBe(true);
  expect(await gateway.sandbox.calls('ListChatGroup')).toHaveLength(1);
});

const scriptsRunBy = async (server: RedisServer): Promise<number> =>
  Number(/cmdstat_evalsha:calls=(\d+)/.exec(await server.command('INFO', 'commandstats'))?.[1]);

it('a page that has expired counts from the beginning', async () => {
  const cache = await RedisServer.start();
  await outlivesQuarantine(cache, CALL_MS + LATE_MS);
  const uncached = await startTestGateway({
    ...cachedIn(cache.url, CALL_MS, LATE_MS),
    CACHE_FRESH_MS: '0',
    CACHE_STALE_WHILE_REVALIDATE_MS: '0',
    STATE_REDIS_URL: redis.url,
    TENANTS_FILE: 'test/support/tenants.concurrency.yaml',
  });
  try {
    const pages = Array.from({ length: AT_ONCE }, (_, index) => `${LIST}?size=10&subject=S${index}`);
    for (const page of pages)
      for (let reads = 0; reads < 3; reads += 1) expect((await uncached.rest(page)).status).toBe(200);
    await uncached.sandbox.fault({ kind: 'latency', action: 'ListChatGroup', ms: 500 });
    const before = await scriptsRunBy(cache);
    const answers = statuses(await Promise.all(pages.map((page) => uncached.rest(page))));
    expect(answers.filter((status) => status === 429).length).toBeGreaterThanOrEqual(AT_ONCE - LIMIT);
    // A lookup and a store for each page that was listed, and nothing for the others.
    expect((await scriptsRunBy(cache)) - before).toBeLessThanOrEqual(2 * LIMIT);
  } finally {
    await uncached.close();
    await cache.stop();
  }
});
