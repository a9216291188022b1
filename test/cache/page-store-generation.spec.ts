import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PAGE_STORES, type PageStoreBench, TIMES } from '../support/page-store-bench.js';

describe.each(PAGE_STORES)('the generation of a scope in a store $name', ({ open }) => {
  let bench: PageStoreBench;
  let meta: string;
  beforeAll(async () => {
    bench = await open();
  });
  afterAll(() => bench.close());

  const generation = (): Promise<string | undefined> => bench.store.generation(meta);

  it('changes only when it is bumped', async () => {
    ({ meta } = await bench.newPage());
    const first = await generation();
    expect(first).toEqual(expect.any(String));
    expect(await generation()).toBe(first);
    await bench.store.bump(meta);
    const second = await generation();
    expect(second).toEqual(expect.any(String));
    expect(second).not.toBe(first);
  });

  it('is undefined while a write is in progress and while it settles', async () => {
    ({ meta } = await bench.newPage());
    const first = await generation();
    await bench.store.begin(meta, 'w');
    expect(await generation()).toBeUndefined();
    await bench.store.end(meta, 'w');
    expect(await generation()).toBeUndefined();
    await bench.pass(TIMES.settleMs);
    expect(await generation()).toEqual(expect.any(String));
    expect(await generation()).not.toBe(first);
  });

  it('is defined again once the intent of a write that never ended expires', async () => {
    ({ meta } = await bench.newPage());
    await bench.store.begin(meta, 'lost');
    await bench.pass(TIMES.intentMs);
    expect(await generation()).toEqual(expect.any(String));
  });
});
