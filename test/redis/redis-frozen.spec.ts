import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  BYPASS,
  HIT,
  cacheStatus,
  cachedIn,
  expectTruth,
  readList,
  settleGroups,
} from '../support/cached-lists.js';
import { eventually } from '../support/eventually.js';
import { ACME, type TestGateway, startTestGateway } from '../support/gateway.js';
import { OPERATIONS, TRANSPORTS, type Target, arrangeGroup, ask, learn } from '../support/operations.js';
import { RedisServer } from '../support/redis-server.js';
import { outlivesQuarantine } from '../support/redis-time.js';
import { unusedPort } from '../support/unused-port.js';

const CALL_MS = 1_000;
const LATE_MS = 250;

/** How many pages or steps an operation takes at the cache, where it is more than one: each may wait once. */
const STEPS: Readonly<Record<string, number>> = {
  // Members are a field of the group there.
  'list members over GraphQL': 2,
};

let redis: RedisServer;
/** Of quotas and the like, which have waits of their own. */
let state: RedisServer;
let gateway: TestGateway;
let target: Target;

beforeAll(async () => {
  [redis, state] = await Promise.all([RedisServer.start(), RedisServer.start()]);
  await outlivesQuarantine(redis, CALL_MS + LATE_MS);
  gateway = await startTestGateway({
    ...cachedIn(redis.url, CALL_MS, LATE_MS),
    STATE_REDIS_URL: state.url,
    MANAGEMENT_PORT: String(await unusedPort()),
  });
});
afterAll(async () => {
  await gateway.close();
  await Promise.all([redis.stop(), state.stop()]);
});
beforeEach(async () => {
  await gateway.sandbox.reset();
  target = await arrangeGroup(gateway, ACME);
  await settleGroups(gateway);
  await learn(gateway, target);
  await redis.flush();
  // A write makes a debt until Redis was told of it; and what waited in the frozen one may still arrive.
  await eventually(async () => HIT.test((await cacheStatus(gateway)) ?? '') || undefined);
  await expectTruth(gateway, 'REST');
  redis.freeze();
});
afterEach(() => redis.thaw());

/** Scripts that Redis did not answer in time, since the gateway started. */
async function timeouts(): Promise<number> {
  const metrics = await (await fetch(`${gateway.managementUrl}/metrics`)).text();
  return Number(
    /gateway_redis_failures_total\{connection="cache",kind="timeout"\} (\d+)/.exec(metrics)?.[1] ?? 0,
  );
}

/** How often Redis was waited for in vain while `run` went on. */
async function waits(run: () => Promise<unknown>): Promise<number> {
  const before = await timeouts();
  await run();
  return (await timeouts()) - before;
}

describe.each(TRANSPORTS)('while Redis is frozen, over %s', (transport) => {
  it.each(OPERATIONS)('can $name, and waits for one command of a step at most', async (one) => {
    const waited = await waits(async () => {
      const { answer, data, error } = await ask(gateway, transport, one, target);
      expect(error).toBeUndefined();
      expect(answer.status).toBe(transport === 'REST' ? one.restStatus : 200);
      if (one.kind === 'read') return;
      const told = transport === 'REST' ? answer.headers.get('coherence') : data.coherence;
      expect(told).toBe(transport === 'REST' ? 'bounded' : 'BOUNDED');
    });
    expect(waited).toBe(STEPS[`${one.name} over ${transport}`] ?? 1);
  });

  it('lists what was cached at CAMS, for everybody, and gives Redis up after three commands', async () => {
    const waited = await waits(() =>
      Promise.all(Array.from({ length: 20 }, () => readList(gateway, transport))),
    );
    expect(waited).toBeGreaterThan(0);
    expect(waited).toBeLessThanOrEqual(3);
    await expectTruth(gateway, transport);
  });
});

it('is not asked any more after three commands that got no answer', async () => {
  const waited = await waits(async () => {
    for (let read = 0; read < 10; read += 1) expect(await cacheStatus(gateway)).toBe(BYPASS);
  });
  expect(waited).toBe(3);
});
