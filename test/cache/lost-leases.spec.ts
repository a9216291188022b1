import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { StoreUnavailable } from '../../src/cache/stores/page-store.js';
import { RedisPageStore } from '../../src/cache/stores/redis-page-store.js';
import { HOUR_MS } from '../../src/util/durations.js';
import { eventually } from '../support/eventually.js';
import { RedisBench, TIMES } from '../support/page-store-bench.js';

let bench: RedisBench;
let store: RedisPageStore;

beforeAll(async () => {
  bench = await RedisBench.start();
  // No lease expires within a test.
  store = new RedisPageStore(bench.redis, { ...TIMES, leaseMs: HOUR_MS });
});
afterAll(() => bench.close());

/** Runs a step of the store while Redis is frozen, which then executes it late. */
async function frozen(step: () => Promise<unknown>): Promise<void> {
  bench.server.freeze();
  await expect(step()).rejects.toBeInstanceOf(StoreUnavailable);
  bench.server.thaw();
}

it.each([
  ['looked up', 'lookup' as const],
  ['released after a failed list', 'fail' as const],
])('gives a page another leader although Redis froze while it was %s', async (_when, step) => {
  const key = await bench.newPage();
  const lookup = () => store.lookup(key, undefined);
  if (step === 'lookup') await frozen(lookup);
  else {
    const led = await lookup();
    if (led.kind !== 'leader') throw new Error(`Unexpected: ${led.kind}`);
    await frozen(() => store.fail(key, { ...led, token: 'of somebody else' }, undefined));
    expect((await eventually(() => lookup().catch(() => undefined))).kind).toBe('follower');
    await frozen(() => store.fail(key, led, undefined));
  }
  await eventually(async () => {
    const found = await lookup().catch(() => undefined);
    return found?.kind === 'leader' || undefined;
  });
});
