import { expect, it } from '@jest/globals';
import { CacheTelemetry } from '../../src/cache/cache-telemetry.js';
import type { CachedPage } from '../../src/cache/cached-page.js';
import { L1PageCache } from '../../src/cache/l1-page-cache.js';
import { PageCache } from '../../src/cache/page-cache.js';
import { MemoryPageStore } from '../../src/cache/stores/memory-page-store.js';
import { Metrics } from '../../src/telemetry/metrics.js';
import { scopeOf } from '../support/cams-callers.js';

const TIMES = { intentMs: 10_000, leaseMs: 5_000, settleMs: 0, holdMs: 1_000 };
const LIVES = { freshMs: 10_000, staleWhileRevalidateMs: 60_000, staleIfErrorMs: 600_000 };
/** Of the 37.5 MiB that a tenant with 600 requests per minute may have, four fit. */
const PAGE = 'x'.repeat(9 * 1024 * 1024);
const PAGES = ['1', '2', '3', '4', '5'];

it('removes the oldest pages of a tenant beyond its limit, and none of others', async () => {
  const metrics = new Metrics();
  const store = new MemoryPageStore(TIMES, 1_000_000_000);
  const cache = new PageCache(store, new L1PageCache(1_000, metrics.foreignPages), {
    coherence: 'available',
    callMs: 1_000,
    intentMs: TIMES.intentMs,
    telemetry: new CacheTelemetry(metrics),
    pageLifeMs: LIVES.staleIfErrorMs,
  });
  const read = async (tenantId: string, name: string): Promise<string> => {
    const page: CachedPage<string> = await cache.read(scopeOf(tenantId), name, {
      list: async () => PAGE,
      lifetimes: () => LIVES,
      deadlineMs: performance.now() + 10_000,
    });
    expect(page.value).toHaveLength(PAGE.length);
    return /stored|hit/.exec(page.cacheStatus)?.[0] ?? 'neither';
  };
  const statuses: string[] = [];
  for (const name of PAGES) statuses.push(await read('acme', name));
  expect(statuses).toEqual(PAGES.map(() => 'stored'));
  expect(await read('globex', '1')).toBe('stored');
  const again: string[] = [];
  for (const name of PAGES.toReversed()) again.push(await read('acme', name));
  expect(again).toEqual(['hit', 'hit', 'hit', 'hit', 'stored']);
  expect(await read('globex', '1')).toBe('hit');
});
