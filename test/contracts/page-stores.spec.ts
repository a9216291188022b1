import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PAGE_STORES, type PageStoreBench, TIMES } from '../support/page-store-bench.js';
import { LIVES, PageStoreSteps } from '../support/page-store-steps.js';

const THROTTLED = { code: 'UPSTREAM_THROTTLED', retryAfterSeconds: 3 } as const;

describe.each(PAGE_STORES)('a page store $name', ({ open }) => {
  let bench: PageStoreBench;
  let steps: PageStoreSteps;
  beforeAll(async () => {
    bench = await open();
    steps = new PageStoreSteps(bench);
  });
  afterAll(() => bench.close());

  describe('reads', () => {
    it('makes the first reader the leader and the others followers', async () => {
      const key = await bench.newPage();
      const led = await steps.lease(key);
      expect(await steps.look(key)).toEqual({
        kind: 'follower',
        generation: led.generation,
        page: undefined,
      });
      expect(await steps.kind(key)).toBe('follower');
    });

    it('returns a stored page as a hit, with its payload unless the reader has that revision', async () => {
      const { key, payload, revision } = await steps.filled();
      expect(await steps.look(key)).toMatchObject({ kind: 'hit', page: { revision, payload } });
      expect(await steps.look(key, 'another')).toMatchObject({ kind: 'hit', page: { payload } });
      expect(await steps.look(key, revision)).toMatchObject({
        kind: 'hit',
        page: { revision, payload: undefined },
      });
    });

    it('counts the age of a page from when it was listed', async () => {
      const key = await bench.newPage();
      await steps.store(key, await steps.lease(key), LIVES, 4_000);
      await bench.pass(1_000);
      const { page } = (await steps.look(key)) as { page: { ageMs: number; freshForMs: number } };
      // In Redis, real time passes as well.
      expect(page.ageMs).toBeGreaterThanOrEqual(5_000);
      expect(page.ageMs).toBeLessThan(6_000);
      expect(Math.round(page.ageMs + page.freshForMs)).toBe(LIVES.freshMs);
    });

    it('serves a stale page while one reader refreshes it', async () => {
      const { key, payload, revision } = await steps.filled();
      await bench.pass(LIVES.freshMs);
      const led = await steps.lease(key, 'stale-leader');
      expect(led.page).toMatchObject({ revision, payload });
      expect(led.page?.freshForMs).toBeLessThanOrEqual(0);
      expect(await steps.look(key)).toMatchObject({ kind: 'stale', page: { revision, payload } });
      const refreshed = await steps.store(key, led);
      expect(await steps.look(key)).toMatchObject({ kind: 'hit', page: { revision: refreshed } });
      expect(refreshed).not.toBe(revision);
    });

    it('offers an older page for stale-if-error until the end of its lifetime', async () => {
      const { key, payload } = await steps.filled();
      await bench.pass(LIVES.staleWhileRevalidateMs);
      expect((await steps.lease(key)).page).toMatchObject({ payload });
      expect(await steps.look(key)).toMatchObject({ kind: 'follower', page: { payload } });
      await bench.pass(LIVES.staleIfErrorMs - LIVES.staleWhileRevalidateMs);
      expect((await steps.lease(key)).page).toBeUndefined();
    });

    it('does not extend the lifetime of a page by granting a lease', async () => {
      const { key } = await steps.filled({
        freshMs: 1_000,
        staleWhileRevalidateMs: 10_000,
        staleIfErrorMs: 0,
      });
      await bench.pass(9_000);
      await steps.lease(key, 'stale-leader');
      await bench.pass(1_000);
      expect(await steps.look(key)).toMatchObject({ kind: 'follower', page: undefined });
    });

    it('never returns a page without a stale-while-revalidate period as stale', async () => {
      const { key } = await steps.filled({
        freshMs: 1_500,
        staleWhileRevalidateMs: 1_500,
        staleIfErrorMs: 0,
      });
      expect(await steps.kind(key)).toBe('hit');
      await bench.pass(1_500);
      expect((await steps.lease(key)).page).toBeUndefined();
    });

    it('never returns a page with no lifetime', async () => {
      const { key } = await steps.filled({ freshMs: 0, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 });
      expect((await steps.lease(key)).page).toBeUndefined();
    });
  });

  describe('leases', () => {
    it('expire', async () => {
      const key = await bench.newPage();
      const first = await steps.lease(key);
      await bench.pass(TIMES.leaseMs);
      const second = await steps.lease(key);
      expect(second.token).not.toBe(first.token);
      expect(await steps.store(key, first)).toBeUndefined();
      // A reader that lost the lease does not affect its successor.
      expect(await steps.kind(key)).toBe('follower');
      expect(await steps.store(key, second)).toBeDefined();
    });

    it('store nothing after they expired, even if no other reader leads', async () => {
      const key = await bench.newPage();
      const first = await steps.lease(key);
      await bench.pass(TIMES.leaseMs);
      expect(await steps.store(key, first)).toBeUndefined();
      expect(await steps.kind(key)).toBe('leader');
    });

    it('store only once', async () => {
      const key = await bench.newPage();
      const led = await steps.lease(key);
      expect(await steps.store(key, led)).toBeDefined();
      expect(await steps.store(key, led)).toBeUndefined();
    });

    it.each([
      { step: 'begin', act: (meta: string) => bench.store.begin(meta, 'w') },
      { step: 'a whole write', act: (meta: string) => steps.write(meta) },
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
      const led = await steps.lease(key);
      await act(key.meta);
      expect(await steps.store(key, led)).toBeUndefined();
      await bench.pass(TIMES.intentMs);
      expect((await steps.lease(key)).page).toBeUndefined();
    });

    it('of an older generation do not keep another reader from leading', async () => {
      const key = await bench.newPage();
      const first = await steps.lease(key);
      await bench.store.bump(key.meta);
      const second = await steps.lease(key);
      expect(second.generation).not.toBe(first.generation);
      expect(await steps.store(key, first)).toBeUndefined();
      expect(await steps.store(key, second)).toBeDefined();
    });
  });

  describe('failures', () => {
    it('are held for a short time', async () => {
      const key = await bench.newPage();
      await bench.store.fail(key, await steps.lease(key), THROTTLED);
      expect(await steps.look(key)).toEqual({ kind: 'error-held', page: undefined, failure: THROTTLED });
      await bench.pass(TIMES.holdMs);
      expect(await steps.kind(key)).toBe('leader');
    });

    it('are returned with the page if it is still within stale-if-error', async () => {
      const { key, payload } = await steps.filled();
      await bench.pass(LIVES.staleWhileRevalidateMs);
      await bench.store.fail(key, await steps.lease(key), THROTTLED);
      expect(await steps.look(key)).toMatchObject({
        kind: 'error-held',
        page: { payload },
        failure: THROTTLED,
      });
    });

    it('pause the refresh of a stale page for a short time', async () => {
      const { key } = await steps.filled();
      await bench.pass(LIVES.freshMs);
      await bench.store.fail(key, await steps.lease(key, 'stale-leader'), THROTTLED);
      expect(await steps.kind(key)).toBe('stale');
      await bench.pass(TIMES.holdMs);
      expect(await steps.kind(key)).toBe('stale-leader');
    });

    it('are not held if CAMS responded', async () => {
      const key = await bench.newPage();
      await bench.store.fail(key, await steps.lease(key), undefined);
      expect(await steps.kind(key)).toBe('leader');
    });

    it('are not held in the next generation', async () => {
      const key = await bench.newPage();
      await bench.store.fail(key, await steps.lease(key), THROTTLED);
      await bench.store.bump(key.meta);
      expect(await steps.kind(key)).toBe('leader');
    });

    it('of a reader that lost the lease change nothing', async () => {
      const key = await bench.newPage();
      const first = await steps.lease(key);
      await bench.pass(TIMES.leaseMs);
      await steps.lease(key);
      await bench.store.fail(key, first, THROTTLED);
      expect(await steps.kind(key)).toBe('follower');
    });
  });

  it('return large payloads whole', async () => {
    const key = await bench.newPage();
    const { generation, token } = await steps.lease(key);
    const payload = '漢'.repeat(100_000);
    const revision = await bench.store.store(key, { generation, token, payload, ageMs: 0, lifetimes: LIVES });
    expect(await steps.look(key)).toMatchObject({ kind: 'hit', page: { payload, revision } });
    expect(await steps.look(key, revision)).toMatchObject({ kind: 'hit', page: { payload: undefined } });
  });

  it('keep the lease of a reader when they remove the page that it refreshes', async () => {
    const { key, revision } = await steps.filled();
    await bench.pass(LIVES.freshMs);
    const lease = await steps.lease(key, 'stale-leader');
    await bench.store.drop(key, revision);
    expect(await steps.kind(key)).toBe('follower');
    expect(await steps.store(key, lease)).toBeDefined();
  });

  it('remove a page only if it has not been stored again since', async () => {
    const { key, revision } = await steps.filled();
    await bench.store.drop(key, 'of another list');
    expect(await steps.kind(key)).toBe('hit');
    await bench.store.drop(key, revision);
    expect(await steps.kind(key)).toBe('leader');
  });
});
