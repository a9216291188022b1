import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PageKey, PageLifetimes, PageLook } from '../src/cache/page-store.js';
import { MemoryBench, type PageStoreBench, RedisBench, TIMES } from './support/page-store-bench.js';

const LIVES: PageLifetimes = { freshMs: 10_000, staleMs: 20_000, errorMs: 40_000 };

type Lease = Extract<PageLook, { token: string }>;

describe.each([
  { name: 'in this process', open: async (): Promise<PageStoreBench> => new MemoryBench() },
  { name: 'in Redis', open: async (): Promise<PageStoreBench> => RedisBench.start() },
])('a page store $name', ({ open }) => {
  let bench: PageStoreBench;
  beforeAll(async () => {
    bench = await open();
  });
  afterAll(() => bench.close());

  const look = (key: PageKey, known?: string): Promise<PageLook> => bench.store.look(key, known);
  const kind = async (key: PageKey): Promise<string> => (await look(key)).kind;

  async function lease(key: PageKey, expected: Lease['kind'] = 'leader'): Promise<Lease> {
    const found = await look(key);
    if (found.kind !== expected) throw new Error(`${found.kind} instead of ${expected}`);
    return found;
  }

  const store = (
    key: PageKey,
    { generation, token }: Lease,
    lifetimes = LIVES,
    ageMs = 0,
  ): Promise<string | undefined> =>
    bench.store.store(key, { generation, token, payload: `page of ${token}`, ageMs, lifetimes });

  async function filled(lifetimes = LIVES): Promise<{ key: PageKey; payload: string; revision: string }> {
    const key = await bench.newPage();
    const led = await lease(key);
    const revision = await store(key, led, lifetimes);
    if (revision === undefined) throw new Error('The page was not stored');
    return { key, payload: `page of ${led.token}`, revision };
  }

  async function write(meta: string): Promise<void> {
    await bench.store.begin(meta, 'w');
    await bench.store.end(meta, 'w');
    await bench.pass(TIMES.settleMs);
  }

  describe('reads', () => {
    it('one reader leads, and the others follow it', async () => {
      const key = await bench.newPage();
      const led = await lease(key);
      expect(await look(key)).toEqual({ kind: 'follower', generation: led.generation, page: undefined });
      expect(await kind(key)).toBe('follower');
    });

    it('a stored page is a hit, for whoever does not hold it with its payload', async () => {
      const { key, payload, revision } = await filled();
      expect(await look(key)).toMatchObject({ kind: 'hit', page: { revision, payload } });
      expect(await look(key, 'another')).toMatchObject({ kind: 'hit', page: { payload } });
      expect(await look(key, revision)).toMatchObject({
        kind: 'hit',
        page: { revision, payload: undefined },
      });
    });

    it('ages count from the list', async () => {
      const key = await bench.newPage();
      await store(key, await lease(key), LIVES, 4_000);
      await bench.pass(1_000);
      const { page } = (await look(key)) as { page: { ageMs: number; freshForMs: number } };
      // Real time passes too, on the store that has it.
      expect(page.ageMs).toBeGreaterThanOrEqual(5_000);
      expect(page.ageMs).toBeLessThan(6_000);
      expect(Math.round(page.ageMs + page.freshForMs)).toBe(LIVES.freshMs);
    });

    it('a page past fresh is served while one reader refreshes it', async () => {
      const { key, payload, revision } = await filled();
      await bench.pass(LIVES.freshMs);
      const led = await lease(key, 'stale-leader');
      expect(led.page).toMatchObject({ revision, payload });
      expect(led.page?.freshForMs).toBeLessThanOrEqual(0);
      expect(await look(key)).toMatchObject({ kind: 'stale', page: { revision, payload } });
      const refreshed = await store(key, led);
      expect(await look(key)).toMatchObject({ kind: 'hit', page: { revision: refreshed } });
      expect(refreshed).not.toBe(revision);
    });

    it('a page past stale may stand in, to the end of its life', async () => {
      const { key, payload } = await filled();
      await bench.pass(LIVES.staleMs);
      expect((await lease(key)).page).toMatchObject({ payload });
      expect(await look(key)).toMatchObject({ kind: 'follower', page: { payload } });
      await bench.pass(LIVES.errorMs - LIVES.staleMs);
      expect((await lease(key)).page).toBeUndefined();
    });

    it('a lease does not make a page stand in for longer', async () => {
      const { key } = await filled({ freshMs: 1_000, staleMs: 10_000, errorMs: 0 });
      await bench.pass(9_000);
      await lease(key, 'stale-leader');
      await bench.pass(1_000);
      expect(await look(key)).toMatchObject({ kind: 'follower', page: undefined });
    });

    it('a page that passes soon is never stale', async () => {
      const { key } = await filled({ freshMs: 1_500, staleMs: 1_500, errorMs: 0 });
      expect(await kind(key)).toBe('hit');
      await bench.pass(1_500);
      expect((await lease(key)).page).toBeUndefined();
    });

    it('a page without any life is listed each time', async () => {
      const { key } = await filled({ freshMs: 0, staleMs: 0, errorMs: 0 });
      expect((await lease(key)).page).toBeUndefined();
    });
  });

  describe('leases', () => {
    it('end by themselves', async () => {
      const key = await bench.newPage();
      const first = await lease(key);
      await bench.pass(TIMES.leaseMs);
      const second = await lease(key);
      expect(second.token).not.toBe(first.token);
      expect(await store(key, first)).toBeUndefined();
      // Who lost it takes nothing from its successor.
      expect(await kind(key)).toBe('follower');
      expect(await store(key, second)).toBeDefined();
    });

    it('store nothing once they ended, even if nobody else leads', async () => {
      const key = await bench.newPage();
      const first = await lease(key);
      await bench.pass(TIMES.leaseMs);
      expect(await store(key, first)).toBeUndefined();
      expect(await kind(key)).toBe('leader');
    });

    it('store once', async () => {
      const key = await bench.newPage();
      const led = await lease(key);
      expect(await store(key, led)).toBeDefined();
      expect(await store(key, led)).toBeUndefined();
    });

    it.each([
      { step: 'begin', act: (meta: string) => bench.store.begin(meta, 'w') },
      { step: 'a whole write', act: write },
      { step: 'bump', act: (meta: string) => bench.store.bump(meta) },
      {
        step: 'end without begin',
        act: async (meta: string) => {
          await bench.store.end(meta, 'w');
          await bench.pass(TIMES.settleMs);
        },
      },
    ])('store nothing after $step', async ({ act }) => {
      const key = await bench.newPage();
      const led = await lease(key);
      await act(key.meta);
      expect(await store(key, led)).toBeUndefined();
      await bench.pass(TIMES.intentMs);
      expect((await lease(key)).page).toBeUndefined();
    });

    it('of an older generation keep nobody from leading', async () => {
      const key = await bench.newPage();
      const first = await lease(key);
      await bench.store.bump(key.meta);
      const second = await lease(key);
      expect(second.generation).not.toBe(first.generation);
      expect(await store(key, first)).toBeUndefined();
      expect(await store(key, second)).toBeDefined();
    });
  });

  describe('failures', () => {
    it('are held for a moment', async () => {
      const key = await bench.newPage();
      await bench.store.fail(key, await lease(key), true);
      expect(await look(key)).toEqual({ kind: 'error-held', page: undefined });
      await bench.pass(TIMES.holdMs);
      expect(await kind(key)).toBe('leader');
    });

    it('let a page that is old enough stand in', async () => {
      const { key, payload } = await filled();
      await bench.pass(LIVES.staleMs);
      await bench.store.fail(key, await lease(key), true);
      expect(await look(key)).toMatchObject({ kind: 'error-held', page: { payload } });
    });

    it('keep a stale page from being refreshed for a moment', async () => {
      const { key } = await filled();
      await bench.pass(LIVES.freshMs);
      await bench.store.fail(key, await lease(key, 'stale-leader'), true);
      expect(await kind(key)).toBe('stale');
      await bench.pass(TIMES.holdMs);
      expect(await kind(key)).toBe('stale-leader');
    });

    it('are not held unless it is asked for', async () => {
      const key = await bench.newPage();
      await bench.store.fail(key, await lease(key), false);
      expect(await kind(key)).toBe('leader');
    });

    it('are not held in the next generation', async () => {
      const key = await bench.newPage();
      await bench.store.fail(key, await lease(key), true);
      await bench.store.bump(key.meta);
      expect(await kind(key)).toBe('leader');
    });

    it('of who lost the lease change nothing', async () => {
      const key = await bench.newPage();
      const first = await lease(key);
      await bench.pass(TIMES.leaseMs);
      await lease(key);
      await bench.store.fail(key, first, true);
      expect(await kind(key)).toBe('follower');
    });
  });

  describe('writes', () => {
    it('keep everybody from the cache while they last', async () => {
      const { key } = await filled();
      await bench.store.begin(key.meta, 'w');
      expect(await look(key)).toEqual({ kind: 'bypass' });
      expect(await kind({ ...key, page: `${key.page}other` })).toBe('bypass');
    });

    it('leave nothing of before, and settle first', async () => {
      const { key } = await filled();
      await bench.store.begin(key.meta, 'w');
      await bench.store.end(key.meta, 'w');
      expect(await kind(key)).toBe('bypass');
      await bench.pass(TIMES.settleMs);
      expect((await lease(key)).page).toBeUndefined();
    });

    it('are waited for, each of them', async () => {
      const { key } = await filled();
      await bench.store.begin(key.meta, 'a');
      await bench.store.begin(key.meta, 'b');
      await bench.store.end(key.meta, 'a');
      await bench.pass(TIMES.settleMs);
      expect(await kind(key)).toBe('bypass');
      await bench.store.end(key.meta, 'b');
      await bench.pass(TIMES.settleMs);
      expect(await kind(key)).toBe('leader');
    });

    it('that end later settle later', async () => {
      const { key } = await filled();
      await bench.store.end(key.meta, 'a');
      await bench.pass(TIMES.settleMs / 2);
      await bench.store.end(key.meta, 'b');
      await bench.pass(TIMES.settleMs / 2);
      expect(await kind(key)).toBe('bypass');
    });

    it('that never end are over when their intent is', async () => {
      const { key } = await filled();
      await bench.store.begin(key.meta, 'w');
      await bench.pass(TIMES.intentMs - 1_000);
      expect(await kind(key)).toBe('bypass');
      await bench.pass(1_000);
      expect((await lease(key)).page).toBeUndefined();
    });

    it('can renew their intent', async () => {
      const { key } = await filled();
      await bench.store.begin(key.meta, 'w');
      await bench.pass(TIMES.intentMs / 2);
      await bench.store.begin(key.meta, 'w');
      await bench.pass(TIMES.intentMs - 1_000);
      expect(await kind(key)).toBe('bypass');
      await bench.pass(1_000);
      expect(await kind(key)).toBe('leader');
    });

    it('of unknown outcome keep their intent', async () => {
      const { key } = await filled();
      await bench.store.begin(key.meta, 'w');
      await bench.store.bump(key.meta);
      expect(await kind(key)).toBe('bypass');
    });

    it('make a new generation at every step', async () => {
      const { meta, page } = await bench.newPage();
      const generations: string[] = [];
      const note = async (): Promise<void> => {
        const key = { meta, page: `${page}${generations.length}` };
        generations.push((await lease(key)).generation);
      };
      await note();
      await bench.store.bump(meta);
      await note();
      await bench.store.bump(meta);
      await note();
      await write(meta);
      await note();
      await bench.store.begin(meta, 'lost');
      await bench.pass(TIMES.intentMs);
      await note();
      expect(new Set(generations).size).toBe(generations.length);
    });

    it('concern one scope, and all of its pages', async () => {
      const { key } = await filled();
      const other = await filled();
      const second = { meta: key.meta, page: `${key.page}second` };
      await store(second, await lease(second));
      await bench.store.bump(key.meta);
      expect((await lease(key)).page).toBeUndefined();
      expect((await lease(second)).page).toBeUndefined();
      expect(await kind(other.key)).toBe('hit');
    });
  });
});
