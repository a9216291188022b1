import { Logger } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { CachedPage } from '../../src/cache/cached-page.js';
import { MemoryPageStore } from '../../src/cache/stores/memory-page-store.js';
import { PageCache } from '../../src/cache/page-cache.js';
import { metaKey, pageKey } from '../../src/cache/page-keys.js';
import { L1PageCache } from '../../src/cache/l1-page-cache.js';
import type { PageLifetimes, PageStore } from '../../src/cache/stores/page-store.js';
import { GatewayError } from '../../src/errors/gateway-error.js';
import { delegate } from '../support/broken-page-stores.js';
import { scopeOf } from '../support/cams-callers.js';
import { eventually } from '../support/eventually.js';
import { writeThrough } from '../support/write-through.js';

const TIMES = { intentMs: 10_000, leaseMs: 5_000, settleMs: 0, holdMs: 1_000 };
const LIVES: PageLifetimes = { freshMs: 10_000, staleWhileRevalidateMs: 60_000, staleIfErrorMs: 600_000 };
const SCOPE = scopeOf();
const KEY = pageKey(metaKey(SCOPE), 'page');

let nowMs: number;
let store: PageStore;
/** How often the processes have looked. */
let looks: number;
let cache: PageCache;
/** Lists under way or over, in order; a test answers them. */
let lists: PromiseWithResolvers<string>[];

beforeEach(() => {
  Logger.overrideLogger(false);
  nowMs = 1_000;
  lists = [];
  store = new MemoryPageStore(TIMES, 1_000_000, () => nowMs);
  looks = 0;
  cache = open();
});

/** The look of somebody else. It may take a lease. */
const look = (): ReturnType<PageStore['lookup']> => store.lookup(KEY, undefined);

/** A store into which something else is put than it is told. */
const planting = (payload: string): PageStore =>
  delegate(store, { store: (key, page) => store.store(key, { ...page, payload }) });

/** One process of those that share the store. */
function open(through: PageStore = store): PageCache {
  const foreign = new Counter({ name: 'foreign', help: 'foreign', registers: [new Registry()] });
  const counted = delegate(through, {
    lookup: (key, known) => {
      looks += 1;
      return through.lookup(key, known);
    },
  });
  return new PageCache(counted, new L1PageCache(1_000_000, foreign), {
    coherence: 'available',
    callMs: 1_000,
    intentMs: TIMES.intentMs,
    pageLifeMs: LIVES.staleIfErrorMs,
  });
}

function read(process = cache, budgetMs = 60_000): Promise<CachedPage<string>> {
  return process.read(SCOPE, 'page', {
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

const unavailable = new GatewayError('UPSTREAM_UNAVAILABLE', 'not there');

describe('readers of one page', () => {
  it('who come together share one look and one list', async () => {
    const all = Promise.all([read(), read(), read()]);
    (await underWay(1)).resolve('a');
    const statuses = (await all).map(({ cacheStatus }) => cacheStatus.replace(/^.*fwd=miss; /, ''));
    expect(statuses).toEqual(['stored', 'collapsed', 'collapsed']);
    expect(lists).toHaveLength(1);
  });

  it('who come while the lease of a long list has ended join it, and it is stored for them', async () => {
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

  it('get no list from before a write that was over when they came', async () => {
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

  it('follow the reader of another process', async () => {
    const other = open();
    const first = read(other);
    const list = await underWay(1);
    const second = read();
    list.resolve('a');
    expect((await first).value).toBe('a');
    expect((await second).cacheStatus).toMatch(/hit/);
    expect(lists).toHaveLength(1);
  });

  it('list for themselves when nobody whom they follow answers in half of their time', async () => {
    void read(open()).catch(() => undefined);
    await underWay(1);
    const second = read(cache, 200);
    (await underWay(2)).resolve('b');
    expect(await second).toMatchObject({ value: 'b', cacheStatus: expect.stringMatching(/bypass$/) });
    // The lease is another's still.
    expect((await look()).kind).toBe('follower');
  });

  it('wait for the list of another no longer than they have time', async () => {
    void read();
    await underWay(1);
    await expect(read(cache, 50)).rejects.toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
  });
});

describe('a list that fails', () => {
  it('holds the next readers for a moment', async () => {
    const first = read();
    (await underWay(1)).reject(unavailable);
    await expect(first).rejects.toBe(unavailable);
    await expect(read()).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    expect(lists).toHaveLength(1);
  });

  it.each([
    new GatewayError('OVERLOADED', 'our own limit'),
    new GatewayError('UPSTREAM_NOT_ALLOWED', 'a refusal'),
  ])('by $code holds nobody', async (error) => {
    const first = read();
    (await underWay(1)).reject(error);
    await expect(first).rejects.toBe(error);
    const second = read();
    (await underWay(2)).resolve('b');
    expect((await second).value).toBe('b');
  });

  it('behind a stale page leaves it served', async () => {
    await filled('a');
    nowMs += LIVES.freshMs;
    expect(await read()).toMatchObject({ value: 'a', stale: true });
    (await underWay(2)).reject(unavailable);
    await eventually(async () => ((await look()).kind === 'stale' ? true : undefined));
    expect(await read()).toMatchObject({ value: 'a', stale: true });
  });

  it('says for all who joined it that an old page stands in', async () => {
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
  beforeEach(async () => {
    await filled('a');
    nowMs += LIVES.staleWhileRevalidateMs;
    // Another process has the lease, and gets no answer.
    void read(open()).catch(() => undefined);
    await underWay(2);
  });

  it('stands in for who follows in vain, when the own list fails', async () => {
    const second = read(cache, 200);
    (await underWay(3)).reject(unavailable);
    expect(await second).toMatchObject({ value: 'a', stale: true });
  });

  it('stands in when the time is over', async () => {
    const second = read(cache, 100);
    await underWay(3);
    expect(await second).toMatchObject({ value: 'a', stale: true });
  });

  it('does not stand in over a refusal', async () => {
    const refusal = new GatewayError('UPSTREAM_NOT_ALLOWED', 'a refusal');
    const second = read(cache, 200);
    (await underWay(3)).reject(refusal);
    await expect(second).rejects.toBe(refusal);
  });

  it('does not stand in after a write', async () => {
    await writeThrough(cache, SCOPE, async (begin) => begin());
    const second = read(cache, 200);
    (await underWay(3)).reject(unavailable);
    await expect(second).rejects.toBe(unavailable);
  });
});

describe('a page that is not what it should be', () => {
  async function plant(ageMs: number): Promise<void> {
    const planted = read(open(planting('no page at all')));
    (await underWay(1)).resolve('a');
    await planted;
    nowMs += ageMs;
  }

  it.each([
    ['fresh', 0],
    ['stale', LIVES.freshMs],
  ])('is never served, nor found again: %s', async (_, ageMs) => {
    await plant(ageMs);
    const first = read();
    (await underWay(2)).resolve('b');
    expect(await first).toMatchObject({ value: 'b', stale: false });
    const second = read();
    (await underWay(3)).resolve('c');
    expect((await second).cacheStatus).toMatch(/stored$/);
    expect((await read()).value).toBe('c');
  });

  it('is written over past stale', async () => {
    await plant(LIVES.staleWhileRevalidateMs);
    const first = read();
    (await underWay(2)).resolve('b');
    expect((await first).cacheStatus).toMatch(/stored$/);
    expect(await read()).toMatchObject({ value: 'b', cacheStatus: expect.stringMatching(/hit/) });
  });

  it('does not stand in', async () => {
    await plant(LIVES.staleWhileRevalidateMs);
    const first = read();
    (await underWay(2)).reject(unavailable);
    await expect(first).rejects.toBe(unavailable);
  });
});
