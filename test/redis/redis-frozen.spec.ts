import { setTimeout as sleep } from 'node:timers/promises';
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
/** How often a lost lease is released, until Redis responds. */
const RELEASE_MS = 250;

/** Number of cache steps of operations with more than one. Each step may wait for Redis once. */
const STEPS: Readonly<Record<string, number>> = {
  // In GraphQL, members are a field of the group.
  'list members over GraphQL': 2,
};

let redis: RedisServer;
/** Holds quotas and other state, whose waits must not be counted. */
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
beforeEach(freezeWhenIdle);

/** Freezes Redis when no command is under way, as far as can be seen. */
async function freezeWhenIdle(): Promise<void> {
  // Leases that got lost while Redis was frozen are released now.
  await sleep(RELEASE_MS);
  await gateway.sandbox.reset();
  target = await arrangeGroup(gateway, ACME);
  await settleGroups(gateway);
  await learn(gateway, target);
  await redis.flush();
  // Wait until all writes of the previous test have reached Redis; commands sent while it was frozen may still arrive.
  await eventually(async () => HIT.test((await cacheStatus(gateway)) ?? '') || undefined);
  await expectTruth(gateway, 'REST');
  redis.freeze();
}
afterEach(() => redis.thaw());

/** Returns the number of scripts that have timed out since the gateway started. */
async function timeouts(): Promise<number> {
  const metrics = await (await fetch(`${gateway.managementUrl}/metrics`)).text();
  return Number(
    /gateway_redis_failures_total\{connection="cache",kind="timeout"\} (\d+)/.exec(metrics)?.[1] ?? 0,
  );
}

/** Returns the number of scripts that timed out during `run`. */
async function waits(run: () => Promise<unknown>): Promise<number> {
  const before = await timeouts();
  await run();
  return (await timeouts()) - before;
}

/** Like {@link waits}, with the most that may have timed out without a request waiting: lost leases are released repeatedly. */
async function waitsAndReleases(run: () => Promise<unknown>): Promise<[waits: number, releases: number]> {
  let releases = 0;
  const waited = await waits(async () => {
    const startedAtMs = performance.now();
    await run();
    releases = Math.floor((performance.now() - startedAtMs) / RELEASE_MS);
  });
  return [waited, releases];
}

describe.each(TRANSPORTS)('while Redis is frozen, over %s', (transport) => {
  it.each(OPERATIONS)('can $name, and waits for at most one command per step', async (one) => {
    const asks = async (): Promise<void> => {
      const { answer, data, error } = await ask(gateway, transport, one, target);
      expect(error).toBeUndefined();
      expect(answer.status).toBe(transport === 'REST' ? one.restStatus : 200);
      if (one.kind === 'read') return;
      const told = transport === 'REST' ? answer.headers.get('coherence') : data.coherence;
      expect(told).toBe(transport === 'REST' ? 'bounded' : 'BOUNDED');
    };
    const steps = STEPS[`${one.name} over ${transport}`] ?? 1;
    let [waited, releases] = await waitsAndReleases(asks);
    // On a busy machine, a command in the background may have been under way when Redis froze.
    for (let attempt = 1; waited - releases > steps && attempt < 4; attempt += 1) {
      redis.thaw();
      await freezeWhenIdle();
      [waited, releases] = await waitsAndReleases(asks);
    }
    expect(waited).toBeGreaterThanOrEqual(steps);
    expect(waited - releases).toBeLessThanOrEqual(steps);
  });

  it('lists cached pages from CAMS for all readers, and stops using Redis after three commands', async () => {
    const waited = await waits(() =>
      Promise.all(Array.from({ length: 20 }, () => readList(gateway, transport))),
    );
    expect(waited).toBeGreaterThan(0);
    expect(waited).toBeLessThanOrEqual(3);
    await expectTruth(gateway, transport);
  });
});

it('stops using a frozen Redis after three timeouts', async () => {
  const waited = await waits(async () => {
    for (let read = 0; read < 10; read += 1) expect(await cacheStatus(gateway)).toBe(BYPASS);
  });
  expect(waited).toBe(3);
});
