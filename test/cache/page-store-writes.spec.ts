import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PAGE_STORES, type PageStoreBench, TIMES } from '../support/page-store-bench.js';
import { PageStoreSteps } from '../support/page-store-steps.js';

describe.each(PAGE_STORES)('writes to a page store $name', ({ open }) => {
  let bench: PageStoreBench;
  let steps: PageStoreSteps;
  beforeAll(async () => {
    bench = await open();
    steps = new PageStoreSteps(bench);
  });
  afterAll(() => bench.close());

  it('make all reads bypass the cache while they are in progress', async () => {
    const { key } = await steps.filled();
    await bench.store.begin(key.meta, 'w');
    expect(await steps.look(key)).toEqual({ kind: 'bypass' });
    expect(await steps.kind({ ...key, page: `${key.page}other` })).toBe('bypass');
  });

  it('invalidate all earlier pages, and settle first', async () => {
    const { key } = await steps.filled();
    await bench.store.begin(key.meta, 'w');
    await bench.store.end(key.meta, 'w');
    expect(await steps.kind(key)).toBe('bypass');
    await bench.pass(TIMES.settleMs);
    expect((await steps.lease(key)).page).toBeUndefined();
  });

  it('keep reads bypassing the cache until all of them have ended', async () => {
    const { key } = await steps.filled();
    await bench.store.begin(key.meta, 'a');
    await bench.store.begin(key.meta, 'b');
    await bench.store.end(key.meta, 'a');
    await bench.pass(TIMES.settleMs);
    expect(await steps.kind(key)).toBe('bypass');
    await bench.store.end(key.meta, 'b');
    await bench.pass(TIMES.settleMs);
    expect(await steps.kind(key)).toBe('leader');
  });

  it('extend the settle window if they end later', async () => {
    const { key } = await steps.filled();
    await bench.store.end(key.meta, 'a');
    await bench.pass(TIMES.settleMs / 2);
    await bench.store.end(key.meta, 'b');
    await bench.pass(TIMES.settleMs / 2);
    expect(await steps.kind(key)).toBe('bypass');
  });

  it('stop blocking when their intent expires if they never end', async () => {
    const { key } = await steps.filled();
    await bench.store.begin(key.meta, 'w');
    await bench.pass(TIMES.intentMs - 1_000);
    expect(await steps.kind(key)).toBe('bypass');
    await bench.pass(1_000);
    expect((await steps.lease(key)).page).toBeUndefined();
  });

  it('can renew their intent', async () => {
    const { key } = await steps.filled();
    await bench.store.begin(key.meta, 'w');
    await bench.pass(TIMES.intentMs / 2);
    await bench.store.begin(key.meta, 'w');
    await bench.pass(TIMES.intentMs - 1_000);
    expect(await steps.kind(key)).toBe('bypass');
    await bench.pass(1_000);
    expect(await steps.kind(key)).toBe('leader');
  });

  it('of unknown outcome keep their intent', async () => {
    const { key } = await steps.filled();
    await bench.store.begin(key.meta, 'w');
    await bench.store.bump(key.meta);
    expect(await steps.kind(key)).toBe('bypass');
  });

  it('create a new generation at every step', async () => {
    const { meta, page } = await bench.newPage();
    const generations: string[] = [];
    const note = async (): Promise<void> => {
      const key = { meta, page: `${page}${generations.length}`, owner: 'acme' };
      generations.push((await steps.lease(key)).generation);
    };
    await note();
    await bench.store.bump(meta);
    await note();
    await bench.store.bump(meta);
    await note();
    await steps.write(meta);
    await note();
    await bench.store.begin(meta, 'lost');
    await bench.pass(TIMES.intentMs);
    await note();
    expect(new Set(generations).size).toBe(generations.length);
  });

  it('affect all pages of their scope, and no other scope', async () => {
    const { key } = await steps.filled();
    const other = await steps.filled();
    const second = { ...key, page: `${key.page}second` };
    await steps.store(second, await steps.lease(second));
    await bench.store.bump(key.meta);
    expect((await steps.lease(key)).page).toBeUndefined();
    expect((await steps.lease(second)).page).toBeUndefined();
    expect(await steps.kind(other.key)).toBe('hit');
  });
});
