import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { cacheStatus, cachedIn, expectTruth, HIT, readList, settleGroups } from '../support/cached-lists.js';
import { ACME, type TestGateway, startTestReplicas } from '../support/gateway.js';
import { OPERATIONS, TRANSPORTS, type Target, arrangeGroup, ask, learn } from '../support/operations.js';
import { mostAtOnce } from '../support/redis-herd.js';
import { RedisServer } from '../support/redis-server.js';
import { outlivesQuarantine } from '../support/redis-time.js';

const CALL_MS = 2_000;
const LATE_MS = 300;
const REPLICAS = 3;
// All replicas and readers share this process: more readers would block it for longer than the Redis command timeout.
const READERS = 30;

let redis: RedisServer;
let replicas: TestGateway[];
let first: TestGateway;
let second: TestGateway;
let target: Target;

beforeAll(async () => {
  redis = await RedisServer.start();
  await outlivesQuarantine(redis, CALL_MS + LATE_MS);
  replicas = await startTestReplicas(REPLICAS, cachedIn(redis.url, CALL_MS, LATE_MS));
  [first, second] = replicas as [TestGateway, TestGateway];
});
afterAll(async () => {
  for (const replica of replicas) await replica.close();
  await redis.stop();
});
beforeEach(async () => {
  await first.sandbox.reset();
  target = await arrangeGroup(first, ACME);
  await settleGroups(first);
});

const readers = (count: number): Promise<unknown> =>
  Promise.all(Array.from({ length: count }, (_, i) => readList(replicas[i % REPLICAS] as TestGateway)));

describe('replicas that share a Redis', () => {
  beforeEach(() => redis.flush());

  it('list a page once for all concurrent readers', async () => {
    await first.sandbox.fault({ kind: 'latency', action: 'ListChatGroup', ms: 500 });
    await readers(READERS);
    expect(await first.sandbox.calls('ListChatGroup')).toHaveLength(1);
    for (const replica of replicas) expect(await cacheStatus(replica)).toMatch(HIT);
  });

  it.each(OPERATIONS.filter(({ kind }) => kind === 'write'))(
    'show a write of another replica immediately: $name',
    async (operation) => {
      for (const replica of replicas) await learn(replica, target);
      for (const replica of replicas) expect(await cacheStatus(replica)).toMatch(HIT);
      const { answer, error } = await ask(first, 'REST', operation, target);
      expect(error).toBeUndefined();
      expect(answer.headers.get('coherence')).toBe('coherent');
      for (const replica of replicas) {
        for (const transport of TRANSPORTS) await expectTruth(replica, transport);
      }
    },
  );

  it('do not serve a list that was requested before a write of another replica', async () => {
    await learn(first, target);
    await redis.flush();
    // The list is outdated when it arrives, because it was requested before the write.
    await first.sandbox.fault({ kind: 'latency', action: 'ListChatGroup', ms: 400, count: 1 });
    const before = readList(second);
    const remove = OPERATIONS.find(({ name }) => name === 'delete a group');
    if (!remove) throw new Error('There is no operation to delete a group');
    const { error } = await ask(first, 'REST', remove, target);
    expect(error).toBeUndefined();
    for (const replica of replicas) await expectTruth(replica, 'REST');
    await before;
    for (const replica of replicas) await expectTruth(replica, 'REST');
  });
});

describe('replicas whose Redis is down', () => {
  beforeAll(() => redis.kill());

  it('each list a page at most once at a time, for any number of readers', async () => {
    await first.sandbox.fault({ kind: 'latency', action: 'ListChatGroup', ms: 100 });
    await first.sandbox.forgetCalls();
    await readers(READERS);
    const calls = await first.sandbox.calls('ListChatGroup');
    expect(mostAtOnce(calls)).toBeLessThanOrEqual(REPLICAS);
    expect(calls.length).toBeLessThan(READERS / 3);
  });
});
