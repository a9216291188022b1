import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { StateShare } from '../../src/state/state-share.js';
import type { StateStore } from '../../src/state/state-store.js';
import { eventually } from '../support/eventually.js';
import { RedisStateBench, type StateBench, memoryBench } from '../support/state-bench.js';

const LONG_MS = 60_000;
const LIMIT = 3;
const REFUSED = { code: 'RATE_LIMITED', detail: expect.stringMatching(/limit of 3 .*stateRecords/) };

describe.each([
  { name: 'in this process', open: async (): Promise<StateBench> => memoryBench() },
  { name: 'in Redis', open: async (): Promise<StateBench> => RedisStateBench.start() },
])('a share of the state store $name', ({ open }) => {
  let bench: StateBench;
  let store: StateStore;
  let other: StateStore;
  let share: StateShare;
  beforeAll(async () => {
    bench = await open();
    ({ store, other } = bench);
  });
  afterAll(() => bench.close());
  beforeEach(() => {
    share = { tenantId: randomUUID(), limit: LIMIT };
  });

  const newKey = (): string => `cgs:test:${randomUUID()}`;
  const add = (key = newKey(), { by = store, value = 'text', lifeMs = LONG_MS, of = share } = {}) =>
    by.write(key, { expected: undefined, version: '1', value, lifeMs, share: of });
  const fill = async (): Promise<string[]> => {
    const keys = Array.from({ length: LIMIT }, newKey);
    for (const key of keys) expect(await add(key)).toBe(true);
    return keys;
  };

  it('refuses new records beyond its limit, through any client, and says when to retry', async () => {
    await store.requireRoom(share);
    await fill();
    for (const by of [store, other]) {
      const key = newKey();
      await expect(add(key, { by })).rejects.toMatchObject(REFUSED);
      await expect(by.requireRoom(share)).rejects.toMatchObject(REFUSED);
      expect(await by.read(key)).toBeUndefined();
    }
    const error = (await add().catch((thrown: unknown) => thrown)) as {
      options: { retryAfterSeconds: number };
    };
    expect(error.options.retryAfterSeconds).toBeGreaterThan(0);
    expect(error.options.retryAfterSeconds).toBeLessThanOrEqual(25 * 3_600);
  });

  it('leaves other tenants, existing records and locks alone', async () => {
    const [first] = await fill();
    await expect(add()).rejects.toMatchObject(REFUSED);
    expect(await add(newKey(), { of: { ...share, tenantId: randomUUID() } })).toBe(true);
    const change = { expected: '1', version: '2', value: 'more', lifeMs: LONG_MS, share };
    expect(await store.write(first!, change)).toBe(true);
    const lock = { expected: undefined, version: '1', value: '', lifeMs: LONG_MS };
    expect(await store.write(newKey(), lock)).toBe(true);
  });

  it('gets back what is removed', async () => {
    const [first] = await fill();
    expect(await other.remove(first!, '1', share)).toBe(true);
    expect(await add()).toBe(true);
    await expect(add()).rejects.toMatchObject(REFUSED);
  });

  it('counts a record once, however often it is written', async () => {
    const key = newKey();
    for (let time = 0; time < LIMIT * 2; time += 1) expect(await add(key)).toBe(true);
    const another = { expected: undefined, version: '2', value: 'text', lifeMs: LONG_MS, share };
    for (let time = 0; time < LIMIT * 2; time += 1) expect(await store.write(key, another)).toBe(false);
    for (let more = 1; more < LIMIT; more += 1) expect(await add()).toBe(true);
    await expect(add()).rejects.toMatchObject(REFUSED);
  });

  it('counts a record of several KiB several times', async () => {
    await expect(add(newKey(), { value: '字'.repeat(1_100) })).rejects.toMatchObject(REFUSED);
    expect(await add(newKey(), { value: '字'.repeat(600) })).toBe(true);
    expect(await add()).toBe(true);
    await expect(add()).rejects.toMatchObject(REFUSED);
  });

  it('never admits more than its limit concurrently', async () => {
    const adding = Array.from({ length: 20 }, (_, index) => add(newKey(), { by: index % 2 ? store : other }));
    const added = (await Promise.allSettled(adding)).filter(({ status }) => status === 'fulfilled');
    expect(added).toHaveLength(LIMIT);
  });
});

describe('the memory of a store in this process', () => {
  const value = 'x'.repeat(1_000);
  const entry = (tenantId: string) => {
    const share = { tenantId, limit: 1_000_000 };
    return { expected: undefined, version: '1', value, lifeMs: LONG_MS, share };
  };

  it('is never used up by one tenant, and nothing is evicted', async () => {
    const { store } = memoryBench(1_000_000);
    const lock = { expected: undefined, version: 'lock', value: '', lifeMs: LONG_MS };
    expect(await store.write('lock', lock)).toBe(true);
    expect(await store.write('first', entry('quiet'))).toBe(true);
    const write = (index: number): Promise<boolean> => store.write(`loud ${index}`, entry('loud'));
    const results = await Promise.allSettled(Array.from({ length: 2_000 }, (_, index) => write(index)));
    const kept = results.filter(({ status }) => status === 'fulfilled').length;
    expect(kept).toBeGreaterThan(300);
    expect(kept).toBeLessThan(400);
    await expect(write(-1)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    expect(await store.read('lock')).toMatchObject({ version: 'lock' });
    expect(await store.read('first')).toBeDefined();
    for (let more = 0; more < 50; more += 1)
      expect(await store.write(`quiet ${more}`, entry('quiet'))).toBe(true);
  });

  it('is free again when records expire', async () => {
    const { store } = memoryBench(10_000);
    const brief = { ...entry('acme'), lifeMs: 600 };
    expect(await store.write('1', brief)).toBe(true);
    await expect(store.write('2', { ...brief, value: 'x'.repeat(7_500) })).rejects.toMatchObject({
      code: 'RATE_LIMITED',
    });
    await eventually(async () => ((await store.read('1')) === undefined ? true : undefined));
    expect(await store.write('2', { ...entry('acme'), value: 'x'.repeat(7_500) })).toBe(true);
  });
});
