import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { metaKey, pageKey } from '../../src/cache/page-keys.js';
import { type PageKey, StoreUnavailable } from '../../src/cache/stores/page-store.js';
import { scopeOf } from '../support/cams-callers.js';
import { eventually } from '../support/eventually.js';
import { RedisBench, TIMES } from '../support/page-store-bench.js';
import { unusedPort } from '../support/unused-port.js';

const LIVES = { freshMs: 10_000, staleWhileRevalidateMs: 20_000, staleIfErrorMs: 40_000 };
const META_MS = 600_000 + TIMES.intentMs;
const LOOKUP_MS = TIMES.intentMs + 10_000;
const HOUR_MS = 3_600_000;

let bench: RedisBench;
beforeEach(async () => {
  bench = await RedisBench.start();
});
afterEach(() => bench.close());

const kind = async (key: PageKey): Promise<string> => (await bench.store.lookup(key, undefined)).kind;

async function fill(key: PageKey): Promise<void> {
  const look = await bench.store.lookup(key, undefined);
  if (look.kind !== 'leader') throw new Error(`Expected leader, got ${look.kind}`);
  const { generation, token } = look;
  await bench.store.store(key, { generation, token, payload: 'a page', ageMs: 0, lifetimes: LIVES });
  expect(await kind(key)).toBe('hit');
}

async function filled(): Promise<PageKey> {
  const key = await bench.newPage();
  await fill(key);
  return key;
}

/** Reads the generation of a scope directly, without a script. */
const generation = ({ meta }: PageKey): Promise<string> => bench.server.command('HGET', meta, 'g');

/** The TTL of a key, in ms. */
const life = async (name: string): Promise<number> => Number(await bench.server.command('PTTL', name));

/** Runs a step, and retries it until Redis is back. */
const whenUp = <T>(step: () => Promise<T>): Promise<T> =>
  eventually(() =>
    step().catch((error: unknown) => {
      if (error instanceof StoreUnavailable) return undefined;
      throw error;
    }),
  );

describe('a Redis that loses data', () => {
  it('quarantines an unknown scope right after it started', async () => {
    const key = { meta: 'cg:{new}:m', page: 'cg:{new}:p:1', owner: 'acme' };
    expect(await kind(key)).toBe('bypass');
    await bench.pass(TIMES.intentMs);
    expect(await kind(key)).toBe('leader');
  });

  it('quarantines every scope after it comes back empty', async () => {
    const key = await filled();
    await bench.server.restart();
    expect(await whenUp(() => kind(key))).toBe('bypass');
    await bench.pass(TIMES.intentMs);
    expect(await bench.store.lookup(key, undefined)).toMatchObject({ kind: 'leader', page: undefined });
  });

  it('never serves a page restored from a snapshot', async () => {
    const key = await filled();
    const before = await generation(key);
    await bench.server.snapshot();
    await bench.store.begin(key.meta, 'w');
    await bench.store.end(key.meta, 'w');
    await bench.server.rollback();
    // The page is back, with the generation it was stored under.
    expect(await bench.server.command('HGET', key.page, 'v')).toBe('a page');
    expect(await generation(key)).toBe(before);
    expect(await whenUp(() => kind(key))).toBe('bypass');
    await bench.pass(TIMES.intentMs);
    expect(await bench.store.lookup(key, undefined)).toMatchObject({ kind: 'leader', page: undefined });
  });

  it('never serves a page whose scope was evicted', async () => {
    const key = await filled();
    await bench.server.command('DEL', key.meta);
    expect(await kind(key)).not.toBe('hit');
    await bench.pass(TIMES.intentMs);
    expect(await bench.store.lookup(key, undefined)).toMatchObject({ kind: 'leader', page: undefined });
  });

  it('does not store a list that was requested before its scope was evicted', async () => {
    const key = await bench.newPage();
    const look = await bench.store.lookup(key, undefined);
    if (look.kind !== 'leader') throw new Error(look.kind);
    await bench.server.command('DEL', key.meta);
    const page = { ...look, payload: 'a page', ageMs: 0, lifetimes: LIVES };
    expect(await bench.store.store(key, page)).toBeUndefined();
  });

  it('grants a new lease after a page was evicted', async () => {
    const key = await filled();
    await bench.server.command('DEL', key.page);
    expect(await kind(key)).toBe('leader');
  });

  it('records the end of a write after losing its beginning', async () => {
    const key = await filled();
    await bench.store.begin(key.meta, 'w');
    await bench.server.flush();
    await bench.store.end(key.meta, 'w');
    expect(Number(await bench.server.command('HGET', key.meta, 's'))).toBeGreaterThan(Date.now());
  });
});

describe('keys', () => {
  it('expire when their content is no longer usable', async () => {
    const key = await bench.newPage();
    const look = await bench.store.lookup(key, undefined);
    if (look.kind !== 'leader') throw new Error(look.kind);
    expect(await life(key.meta)).toBeGreaterThan(TIMES.leaseMs);
    expect(await life(key.meta)).toBeLessThanOrEqual(LOOKUP_MS);
    expect(await life(key.page)).toBeGreaterThan(0);
    expect(await life(key.page)).toBeLessThanOrEqual(TIMES.leaseMs);
    await bench.store.store(key, { ...look, payload: 'a page', ageMs: 5_000, lifetimes: LIVES });
    expect(await life(key.page)).toBeGreaterThan(LIVES.staleIfErrorMs - 10_000);
    expect(await life(key.page)).toBeLessThanOrEqual(LIVES.staleIfErrorMs - 5_000);
    expect(await life(key.meta)).toBeGreaterThan(META_MS - 10_000);
    expect(await life(key.meta)).toBeLessThanOrEqual(META_MS);
  });

  it('of a scope that is only looked up expire soon, and no sooner because of that once it was written to', async () => {
    const lookUp = async (key: PageKey): Promise<void> => {
      await bench.store.lookup(key, undefined);
      await bench.store.generation(key.meta);
      await bench.store.fail(key, { generation: '', token: 'none' }, undefined);
    };
    const steps: [string, (key: PageKey) => Promise<void>][] = [
      ['begin', ({ meta }) => bench.store.begin(meta, 'w')],
      ['end', ({ meta }) => bench.store.end(meta, 'w')],
      ['bump', ({ meta }) => bench.store.bump(meta)],
    ];
    for (const [name, step] of steps) {
      const key = { meta: `cg:{${name}}:m`, page: `cg:{${name}}:p:1`, owner: 'acme' };
      await lookUp(key);
      await lookUp(key);
      expect(await life(key.meta)).toBeLessThanOrEqual(LOOKUP_MS);
      await step(key);
      await lookUp(key);
      expect(await life(key.meta)).toBeGreaterThan(META_MS - 10_000);
    }
  });

  it('do not outlive what is remembered of their scope', async () => {
    const key = await bench.newPage();
    const look = await bench.store.lookup(key, undefined);
    if (look.kind !== 'leader') throw new Error(look.kind);
    const lifetimes = { ...LIVES, staleIfErrorMs: HOUR_MS };
    await bench.store.store(key, { ...look, payload: 'a page', ageMs: 0, lifetimes });
    await kind(key);
    expect(await life(key.meta)).toBeGreaterThan(HOUR_MS - 10_000);
  });

  it('of one scope share one slot, and do not reveal the scope', async () => {
    const scope = scopeOf();
    const meta = metaKey(scope);
    const slot = (name: string): Promise<string> => bench.server.command('CLUSTER', 'KEYSLOT', name);
    const pages = ['1', '}{', ':'].map((name) => pageKey(meta, name, 'acme').page);
    expect(new Set(pages).size).toBe(3);
    for (const page of pages) expect(await slot(page)).toBe(await slot(meta));
    expect([meta, ...pages].join(' ')).not.toContain(scope.businessNumber);
    expect(meta).toMatch(/^cg:\{[\w-]{22}\}:m$/);
  });
});

describe('a Redis that rejects scripts', () => {
  it('lets writes begin and end while its memory is full, but fails reads', async () => {
    const key = await filled();
    const before = await generation(key);
    await bench.server.fill();
    await expect(kind(key)).rejects.toThrow(StoreUnavailable);
    await bench.store.begin(key.meta, 'w');
    const begun = await generation(key);
    await bench.store.bump(key.meta);
    const bumped = await generation(key);
    await bench.store.end(key.meta, 'w');
    const generations = [before, begun, bumped, await generation(key)];
    expect(new Set(generations).size).toBe(4);
    await bench.server.unfill();
    expect(await kind(key)).toBe('bypass');
  });

  it('runs no script while it is a replica, and serves no earlier page once it is a master again', async () => {
    const key = await filled();
    const before = await generation(key);
    await bench.server.command('REPLICAOF', '127.0.0.1', await unusedPort());
    await expect(kind(key)).rejects.toThrow(StoreUnavailable);
    await expect(bench.store.begin(key.meta, 'w')).rejects.toThrow(StoreUnavailable);
    await expect(bench.store.end(key.meta, 'w')).rejects.toThrow(StoreUnavailable);
    await expect(bench.store.bump(key.meta)).rejects.toThrow(StoreUnavailable);
    expect(await generation(key)).toBe(before);
    await bench.server.command('REPLICAOF', 'NO', 'ONE');
    expect(await whenUp(() => kind(key))).toBe('bypass');
    await bench.pass(TIMES.intentMs);
    expect(await bench.store.lookup(key, undefined)).toMatchObject({ kind: 'leader', page: undefined });
  });

  it('fails if a key holds another type', async () => {
    const key = await filled();
    await bench.server.command('SET', key.page, 'foreign');
    await expect(kind(key)).rejects.toThrow(StoreUnavailable);
  });
});
