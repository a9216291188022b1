import { connect, type Socket } from 'node:net';
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
let state: RedisServer;
let proxy: TcpProxy;
let gateway: TestGateway;

beforeAll(async () => {
  // Apart, to tell what the cache does.
  [redis, state] = await Promise.all([RedisServer.start(), RedisServer.start()]);
  await outlivesQuarantine(redis, CALL_MS + LATE_MS);
  proxy = await TcpProxy.start(redis.port);
  gateway = await startTestGateway({
    ...cachedIn(`redis://127.0.0.1:${proxy.port}`, CALL_MS, LATE_MS),
    STATE_REDIS_URL: state.url,
    TENANTS_FILE: 'test/support/tenants.concurrency.yaml',
  });
});
afterAll(async () => {
  await gateway.close();
  await proxy.close();
  await Promise.all([redis.stop(), state.stop()]);
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
/** Of the process, since it was started. */
const scriptsRunBy = async (server: RedisServer): Promise<number> =>
  Number(/cmdstat_evalsha:calls=(\d+)/.exec(await server.command('INFO', 'commandstats'))?.[1]);
const statuses = (answers: readonly Answer[]): number[] => answers.map(({ status }) => status);

it.each([
  ['REST', () => gateway.rest(PAGE)],
  ['GraphQL', () => gateway.graphql(QUERY)],
])('pages that the process holds are served beyond the limit (%s)', async (_, read) => {
  // The first time, Apollo serves a query.
  expect((await read()).status).toBe(200);
  // Long enough for more requests than the limit to wait for the store.
  proxy.delay(10);
  expect(statuses(await atOnce(read))).toEqual(Array.from({ length: AT_ONCE }, () => 200));
  expect(await gateway.sandbox.actions()).toEqual([]);
});

const isRefused = async (): Promise<boolean> => (await gateway.rest('/v1/viewer')).status === 429;

const open = (): Socket => {
  const { hostname, port } = new URL(gateway.url);
  return connect(Number(port), hostname);
};
const request = (path: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer ${ACME_KEY}\r\n\r\n`;

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

/** How many GraphQL requests of these, sent at once, are served. The others must be refused because of the limit. */
async function servedOf(queries: readonly string[]): Promise<number> {
  const answers = await Promise.all(queries.map((query) => gateway.graphql(query)));
  const refused = answers.filter(({ body }) => body.errors?.[0]?.extensions?.code === 'RATE_LIMITED').length;
  const served = answers.filter(({ body }) => body.errors === undefined).length;
  expect(served + refused).toBe(queries.length);
  return served;
}

const queries = (query: (n: number) => string): string[] =>
  Array.from({ length: AT_ONCE }, (_, n) => query(n));

it.each([
  [
    'another page is listed',
    (n: number) =>
      `{ a: chatGroups(${NUMBER}, first: 1) { nodes { id } } b: chatGroups(${NUMBER}, first: 1, subject: "other ${n}") { nodes { id } } }`,
  ],
  [
    'members are listed',
    (n: number) => `{ c${n}: chatGroups(${NUMBER}, first: 2) { nodes { participants { id } } } }`,
  ],
  ['its document is new', (n: number) => `{ n${n}: chatGroups(${NUMBER}, first: 2) { nodes { id } } }`],
])('a query for a page that the process holds counts if %s', async (_, query) => {
  for (const action of ['ListChatGroup', 'ListChatGroupParticipants'])
    await gateway.sandbox.fault({ kind: 'latency', action, ms: 500 });
  // Of the lookup, for what calls nothing.
  proxy.delay(30);
  const served = await servedOf(queries(query));
  expect(served).toBeGreaterThan(0);
  expect(served).toBeLessThanOrEqual(LIMIT);
});

it('a page that has to be rendered counts', async () => {
  await gateway.sandbox.createGroups(150, { ...ACME, subject: 'Many' });
  // Each spans two of the pages that are cached, so that nothing rendered from it is kept.
  const path = `${LIST}?size=70&page=2&subject=Many`;
  for (let reads = 0; reads < 3; reads += 1) expect((await gateway.rest(path)).status).toBe(200);
  await gateway.sandbox.forgetCalls();
  proxy.delay(30);
  const answers = statuses(await atOnce(() => gateway.rest(path)));
  // Some are rendered one after the other before the next one has asked for its place.
  expect(answers.filter((status) => status === 429).length).toBeGreaterThan(0);
  expect(await gateway.sandbox.calls('ListChatGroup')).toEqual([]);
});

/** Sends requests for this path in one turn of the event loop, then reaches the limit before they get a reply from the store. */
async function sendBeforeOthers(path: string, count: number): Promise<string[]> {
  proxy.hold();
  const socket = open();
  socket.write(request(path).repeat(count));
  const others = Array.from({ length: AT_ONCE }, (_, n) => gateway.rest(`${LIST}?size=10&subject=Slow${n}`));
  await eventually(async () => (await isRefused()) || undefined);
  proxy.repair();
  let received: string[] = [];
  let text = '';
  for await (const chunk of socket) {
    text += String(chunk);
    received = [...text.matchAll(/HTTP\/1.1 (\d+)/g)].map(([, status = '']) => status);
    if (received.length === count) break;
  }
  await Promise.all(others);
  return received;
}

it('refused readers that share a lookup give its lease back once', async () => {
  await outdate();
  const before = await scriptsRunBy(redis);
  expect(await sendBeforeOthers(PAGE, LIMIT)).toEqual(Array.from({ length: LIMIT }, () => '429'));
  // A lookup, its lease, and a lookup and a store for each of the others.
  expect((await scriptsRunBy(redis)) - before).toBeLessThanOrEqual(2 + 2 * LIMIT);
});

it('a scan that begins for a reader that is refused does not fail for others', async () => {
  const [gone, other] = await gateway.sandbox.groups(ACME);
  expect((await gateway.rest(`${LIST}/${gone?.groupId}`)).status).toBe(200);
  await gateway.sandbox.changeGroup({ op: 'delete', groupId: gone?.groupId });
  const change = { method: 'PATCH', body: { subject: `Changed ${Date.now()}` } };
  expect((await gateway.rest(`${LIST}/${other?.groupId}`, change)).status).toBeLessThan(300);
  await settleGroups(gateway);
  await eventually(async () => HIT.test((await cacheStatus(gateway)) ?? '') || undefined);
  await cacheStatus(gateway);
  await gateway.sandbox.fault({ kind: 'latency', action: 'ListChatGroup', ms: 500 });
  expect(await sendBeforeOthers(`${LIST}/${gone?.groupId}`, 1)).toEqual(['429']);
  expect((await gateway.rest(`${LIST}/120363000000000999`)).status).toBe(404);
});

it('a response counts until its client has read it, although its page was cached', async () => {
  await gateway.sandbox.createGroups(100, { ...ACME, subject: 'Long', description: 'long '.repeat(400) });
  const path = `${PAGE}&subject=Long`;
  const isHit = async (): Promise<boolean> =>
    HIT.test((await gateway.rest(path)).headers.get('cache-status') ?? '');
  // A process keeps a page from its second request on.
  for (let hits = 0; hits < 2; hits += 1) await eventually(async () => (await isHit()) || undefined);
  const slow = Array.from({ length: LIMIT }, () => open().pause());
  // Until the buffers of the connections are full.
  const blocks = async (): Promise<boolean> => {
    for (const socket of slow) socket.write(request(path));
    return isRefused();
  };
  expect(await eventually(async () => (await blocks()) || undefined)).toBe(true);
  for (const socket of slow) socket.destroy();
  expect(await eventually(async () => !(await isRefused()) || undefined)).toBe(true);
});

it('a page that has expired counts from the beginning', async () => {
  const cache = await RedisServer.start();
  await outlivesQuarantine(cache, CALL_MS + LATE_MS);
  const uncached = await startTestGateway({
    ...cachedIn(cache.url, CALL_MS, LATE_MS),
    CACHE_FRESH_MS: '0',
    CACHE_STALE_WHILE_REVALIDATE_MS: '0',
    STATE_REDIS_URL: state.url,
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
