import { Logger } from '@nestjs/common';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { CacheTelemetry } from '../../src/cache/cache-telemetry.js';
import { Metrics } from '../../src/telemetry/metrics.js';
import type { CachedPage } from '../../src/cache/cached-page.js';
import { MemoryPageStore } from '../../src/cache/stores/memory-page-store.js';
import { PageCache } from '../../src/cache/page-cache.js';
import { metaKey, pageKey } from '../../src/cache/page-keys.js';
import { L1PageCache } from '../../src/cache/l1-page-cache.js';
import type { PageLifetimes, PageStore } from '../../src/cache/stores/page-store.js';
import { GatewayError, clientLeft } from '../../src/errors/gateway-error.js';
import { RequestContext } from '../../src/request/request-context.js';
import { delegate } from '../support/broken-page-stores.js';
import { accountWith, scopeOf } from '../support/cams-callers.js';
import { eventually } from '../support/eventually.js';
import { writeThrough } from '../support/write-through.js';

const METRICS = new Metrics();

const TIMES = { intentMs: 10_000, leaseMs: 5_000, settleMs: 0, holdMs: 1_000 };
const LIVES: PageLifetimes = { freshMs: 10_000, staleWhileRevalidateMs: 60_000, staleIfErrorMs: 600_000 };
const SCOPE = scopeOf();
const KEY = pageKey(metaKey(SCOPE), 'page', 'acme');

let nowMs: number;
let store: PageStore;
/** Number of lookups by all processes. */
let looks: number;
let cache: PageCache;
/** All lists in order, in flight or settled. The test settles them. */
let lists: PromiseWithResolvers<string>[];

beforeEach(() => {
  Logger.overrideLogger(false);
  nowMs = 1_000;
  lists = [];
  store = new MemoryPageStore(TIMES, 1_000_000, () => nowMs);
  looks = 0;
  cache = open();
});

/** A lookup by another process. It may acquire a lease. */
const look = (): ReturnType<PageStore['lookup']> => store.lookup(KEY, undefined);

/** A store that replaces the payload of every stored page. */
const planting = (payload: string): PageStore =>
  delegate(store, { store: (key, page) => store.store(key, { ...page, payload }) });

/** Opens the cache of one of the processes that share the store. */
function open(through: PageStore = store): PageCache {
  const counted = delegate(through, {
    lookup: (key, known) => {
      looks += 1;
      return through.lookup(key, known);
    },
  });
  return new PageCache(counted, new L1PageCache(1_000_000, METRICS.foreignPages), {
    coherence: 'available',
    callMs: 1_000,
    intentMs: TIMES.intentMs,
    telemetry: new CacheTelemetry(METRICS),
    pageLifeMs: LIVES.staleIfErrorMs,
  });
}

function read(process = cache, budgetMs = 60_000, scope = SCOPE): Promise<CachedPage<string>> {
  return process.read(scope, 'page', {
    list: () => {
      const list = Promise.withResolvers<string>();
      lists.push(list);
      return list.promise;
    },
    lifetimes: () => LIVES,
    deadlineMs: performance.now() + budgetMs,
  });
}

async function underWay(count: number): Promise<PromiseWithResolvers<string>> {
  return eventually(async () => (lists.length >= count ? lists[count - 1] : undefined));
}

async function filled(value: string): Promise<void> {
  const first = read();
  (await underWay(1)).resolve(value);
  await first;
}

const unavailable = new GatewayError('UPSTREAM_UNAVAILABLE', 'unavailable');

describe('readers of one page', () => {
  it('share one lookup and one list if concurrent', async () => {
    const all = Promise.all([read(), read(), read()]);
    (await underWay(1)).resolve('a');
    const statuses = (await all).map(({ cacheStatus }) => cacheStatus.replace(/^.*fwd=miss; /, ''));
    expect(statuses).toEqual(['stored', 'collapsed', 'collapsed']);
    expect(lists).toHaveLength(1);
  });

  it('join a list that outlasts its lease, which is then still stored', async () => {
    const first = read();
    const list = await underWay(1);
    nowMs += TIMES.leaseMs;
    const second = read();
    await eventually(async () => looks === 2 || undefined);
    list.resolve('a');
    expect((await first).cacheStatus).toMatch(/stored$/);
    expect((await second).value).toBe('a');
    expect(lists).toHaveLength(1);
    expect((await read()).cacheStatus).toMatch(/hit/);
  });

  it('do not join a list that was requested before a completed write', async () => {
    const first = read();
    const old = await underWay(1);
    await writeThrough(cache, SCOPE, async (begin) => begin());
    const second = read();
    const fresh = await underWay(2);
    old.resolve('old');
    fresh.resolve('new');
    expect((await first).value).toBe('old');
    expect((await second).value).toBe('new');
    expect((await read()).value).toBe('new');
  });

  it('do not join a list that nobody waits for any more, though it has not ended yet', async () => {
    const request = new RequestContext('leaves', 60_000);
    const left = read(cache, 60_000, scopeOf('acme', accountWith(), request)).catch(() => 'left');
    const abandoned = await underWay(1);
    request.interest.requestEnded();
    const reader = read();
    await new Promise(setImmediate);
    abandoned.reject(clientLeft());
    expect(await left).toBe('left');
    const list = await underWay(2);
    const another = read();
    list.resolve('a');
    expect((await reader).value).toBe('a');
    expect((await another).value).toBe('a');
  });

  it('wait for the list of another process', async () => {
    const other = open();
    const first = read(other);
    const list = await underWay(1);
    const second = read();
    list.resolve('a');
    expect((await first).value).toBe('a');
    expect((await second).cacheStatus).toMatch(/hit/);
    expect(lists).toHaveLength(1);
  });

  it('list the page themselves if the lease holder does not respond within half of their time', async () => {
    void read(open()).catch(() => undefined);
    await underWay(1);
    const second = read(cache, 200);
    (await underWay(2)).resolve('b');
    expect(await second).toMatchObject({ value: 'b', cacheStatus: expect.stringMatching(/bypass$/) });
    // The other process still holds the lease.
    expect((await look()).kind).toBe('follower');
  });

  it('wait for a list of another reader only until their deadline', async () => {
    void read();
    await underWay(1);
    await expect(read(cache, 50)).rejects.toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
  });
});

describe('a list that fails', () => {
  it('holds the next readers for a moment: they fail without a new list', async () => {
    const first = read();
    (await underWay(1)).reject(unavailable);
    await expect(first).rejects.toBe(unavailable);
    await expect(read()).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    expect(lists).toHaveLength(1);
  });

  it.each([
    new GatewayError('OVERLOADED', 'our own limit'),
    new GatewayError('UPSTREAM_NOT_ALLOWED', 'a refusal'),
  ])('with $code does not hold the next readers', async (error) => {
    const first = read();
    (await underWay(1)).reject(error);
    await expect(first).rejects.toBe(error);
    const second = read();
    (await underWay(2)).resolve('b');
    expect((await second).value).toBe('b');
  });

  it('leaves a stale page in use', async () => {
    await filled('a');
    nowMs += LIVES.freshMs;
    expect(await read()).toMatchObject({ value: 'a', stale: true });
    (await underWay(2)).reject(unavailable);
    await eventually(async () => ((await look()).kind === 'stale' ? true : undefined));
    expect(await read()).toMatchObject({ value: 'a', stale: true });
  });

  it('marks the old page as stale for all readers that joined the list', async () => {
    await filled('a');
    nowMs += LIVES.staleWhileRevalidateMs;
    const both = Promise.all([read(), read()]);
    (await underWay(2)).reject(unavailable);
    for (const page of await both) {
      expect(page).toMatchObject({ value: 'a', stale: true });
      expect(page.cacheStatus).toMatch(/hit; ttl=-\d+$/);
    }
  });
});

describe('an old page of the same generation', () => {
  /** A follower lists for itself after half of it. The other half is for the test to settle that list, on a busy machine too. */
  const FOLLOWS_MS = 2_000;

  beforeEach(async () => {
    await filled('a');
    nowMs += LIVES.staleWhileRevalidateMs;
    // Another process holds the lease, but gets no response.
    void read(open()).catch(() => undefined);
    await underWay(2);
  });

  it('is served to a follower if the lease holder does not respond and its own list fails', async () => {
    const second = read(cache, FOLLOWS_MS);
    (await underWay(3)).reject(unavailable);
    expect(await second).toMatchObject({ value: 'a', stale: true });
  });

  it('is served when the time is up', async () => {
    const second = read(cache, 100);
    await underWay(3);
    expect(await second).toMatchObject({ value: 'a', stale: true });
  });

  it('is not served if CAMS refuses the list', async () => {
    const refusal = new GatewayError('UPSTREAM_NOT_ALLOWED', 'a refusal');
    const second = read(cache, FOLLOWS_MS);
    (await underWay(3)).reject(refusal);
    await expect(second).rejects.toBe(refusal);
  });

  it('is not served after a write', async () => {
    await writeThrough(cache, SCOPE, async (begin) => begin());
    const second = read(cache, FOLLOWS_MS);
    (await underWay(3)).reject(unavailable);
    await expect(second).rejects.toBe(unavailable);
  });
});

describe('a corrupt page', () => {
  async function plant(ageMs: number): Promise<void> {
    const planted = read(open(planting('no page at all')));
    (await underWay(1)).resolve('a');
    await planted;
    nowMs += ageMs;
  }

  it.each([
    ['fresh', 0],
    ['stale', LIVES.freshMs],
  ])('is never served, and is replaced: %s', async (_, ageMs) => {
    await plant(ageMs);
    const first = read();
    (await underWay(2)).resolve('b');
    expect(await first).toMatchObject({ value: 'b', stale: false });
    const second = read();
    (await underWay(3)).resolve('c');
    expect((await second).cacheStatus).toMatch(/stored$/);
    expect((await read()).value).toBe('c');
  });

  it('is overwritten after its stale-while-revalidate window', async () => {
    await plant(LIVES.staleWhileRevalidateMs);
    const first = read();
    (await underWay(2)).resolve('b');
    expect((await first).cacheStatus).toMatch(/stored$/);
    expect(await read()).toMatchObject({ value: 'b', cacheStatus: expect.stringMatching(/hit/) });
  });

  it('is not served if the list fails', async () => {
    await plant(LIVES.staleWhileRevalidateMs);
    const first = read();
    (await underWay(2)).reject(unavailable);
    await expect(first).rejects.toBe(unavailable);
  });
});
