import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { StateEntry, StateStore } from '../../src/state/state-store.js';
import { eventually } from '../support/eventually.js';
import { RedisStateBench, type StateBench, memoryBench } from '../support/state-bench.js';

const LONG_MS = 60_000;
/** Shorter than a test, but longer than two steps take. */
const SHORT_MS = 400;

describe.each([
  { name: 'in this process', open: async (): Promise<StateBench> => memoryBench() },
  { name: 'in Redis', open: async (): Promise<StateBench> => RedisStateBench.start() },
])('a state store $name', ({ open }) => {
  let bench: StateBench;
  let store: StateStore;
  let other: StateStore;
  beforeAll(async () => {
    bench = await open();
    ({ store, other } = bench);
  });
  afterAll(() => bench.close());

  const newKey = (): string => `cgs:test:${randomUUID()}`;
  const write = (
    key: string,
    expected: string | undefined,
    version: string,
    { value = `value ${version}`, lifeMs = LONG_MS, by = store } = {},
  ): Promise<boolean> => by.write(key, { expected, version, value, lifeMs });
  const ended = (key: string): Promise<true> =>
    eventually(async () => ((await store.read(key)) === undefined ? true : undefined));
  const aged = (key: string, ageMs: number): Promise<StateEntry> =>
    eventually(async () => {
      const entry = await store.read(key);
      if (!entry) throw new Error('The entry has expired.');
      return entry.ageMs >= ageMs ? entry : undefined;
    });

  async function written(lifeMs = LONG_MS): Promise<string> {
    const key = newKey();
    expect(await write(key, undefined, '1', { lifeMs })).toBe(true);
    return key;
  }

  describe('an entry', () => {
    it('does not exist before it is written', async () => {
      expect(await store.read(newKey())).toBeUndefined();
    });

    it('is read exactly as written, through any client', async () => {
      const key = newKey();
      const value = JSON.stringify({ text: 'Größe ✓ \u0000\n"', empty: '' });
      await write(key, undefined, '1', { value });
      for (const one of [store, other])
        expect(await one.read(key)).toEqual({ value, version: '1', ageMs: expect.any(Number) });
    });

    it('may be empty', async () => {
      const key = newKey();
      await write(key, undefined, '1', { value: '' });
      expect(await store.read(key)).toMatchObject({ value: '', version: '1' });
    });

    it('exists only under its own key', async () => {
      await written();
      expect(await store.read(newKey())).toBeUndefined();
    });
  });

  describe('a write', () => {
    it('of a new entry fails if there is one', async () => {
      const key = await written();
      expect(await write(key, undefined, '2', { by: other })).toBe(false);
      expect(await store.read(key)).toMatchObject({ version: '1', value: 'value 1' });
    });

    it('replaces the expected version', async () => {
      const key = await written();
      expect(await write(key, '1', '2', { by: other })).toBe(true);
      expect(await store.read(key)).toMatchObject({ version: '2', value: 'value 2' });
    });

    it('that expects another version changes nothing', async () => {
      const key = await written();
      await write(key, '1', '2');
      expect(await write(key, '1', '3')).toBe(false);
      expect(await store.read(key)).toMatchObject({ version: '2', value: 'value 2' });
    });

    it('that expects a missing entry to have a version changes nothing', async () => {
      const key = newKey();
      expect(await write(key, '1', '2')).toBe(false);
      expect(await store.read(key)).toBeUndefined();
    });

    it('is executed once if repeated', async () => {
      const key = await written();
      expect(await write(key, undefined, '1', { value: 'another value' })).toBe(true);
      expect(await store.read(key)).toMatchObject({ version: '1', value: 'value 1' });
      await write(key, '1', '2');
      expect(await write(key, '1', '2', { value: 'another value' })).toBe(true);
      expect(await store.read(key)).toMatchObject({ version: '2', value: 'value 2' });
    });

    it('succeeds for exactly one of many concurrent writers', async () => {
      const key = await written();
      const writers = Array.from({ length: 40 }, (_, index) =>
        write(key, '1', `of ${index}`, { by: index % 2 ? store : other }),
      );
      const won = (await Promise.all(writers)).flatMap((done, index) => (done ? [index] : []));
      expect(won).toHaveLength(1);
      expect(await store.read(key)).toMatchObject({ version: `of ${won[0]}` });
    });
  });

  describe('the lifetime of an entry', () => {
    it('ends after the given time', async () => {
      const key = await written(SHORT_MS);
      expect(await store.read(key)).toBeDefined();
      await ended(key);
      expect(await write(key, undefined, '2', { by: other })).toBe(true);
    });

    it('does not affect its age, which counts from the write of its version', async () => {
      const key = await written();
      const { ageMs } = await aged(key, 150);
      await store.extend(key, '1', LONG_MS);
      expect((await store.read(key))?.ageMs).toBeGreaterThanOrEqual(ageMs);
      await write(key, '1', '2');
      expect((await store.read(key))?.ageMs).toBeLessThan(ageMs);
    });

    it('starts again with each write', async () => {
      const key = await written(SHORT_MS);
      await write(key, '1', '2', { lifeMs: LONG_MS });
      expect(await aged(key, SHORT_MS * 1.5)).toMatchObject({ version: '2' });
      await write(key, '2', '3', { lifeMs: SHORT_MS });
      await ended(key);
    });

    it('is not extended by a repeated write', async () => {
      const key = await written(SHORT_MS);
      await write(key, undefined, '1', { lifeMs: LONG_MS });
      await ended(key);
    });
  });

  describe('extend', () => {
    it('replaces the remaining lifetime of an entry', async () => {
      const key = await written(SHORT_MS);
      expect(await other.extend(key, '1', LONG_MS)).toBe(true);
      expect(await aged(key, SHORT_MS * 1.5)).toMatchObject({ version: '1', value: 'value 1' });
      expect(await store.extend(key, '1', SHORT_MS)).toBe(true);
      await ended(key);
    });

    it('requires the current version', async () => {
      const key = await written(SHORT_MS);
      expect(await store.extend(key, 'another', LONG_MS)).toBe(false);
      await ended(key);
      expect(await store.extend(key, '1', LONG_MS)).toBe(false);
      expect(await store.read(key)).toBeUndefined();
    });
  });

  describe('remove', () => {
    it('removes an entry at once', async () => {
      const key = await written();
      expect(await other.remove(key, '1')).toBe(true);
      expect(await store.read(key)).toBeUndefined();
      expect(await write(key, undefined, '2')).toBe(true);
    });

    it('requires the current version', async () => {
      const key = await written();
      expect(await store.remove(key, 'another')).toBe(false);
      await write(key, '1', '2');
      expect(await store.remove(key, '1')).toBe(false);
      expect(await store.read(key)).toMatchObject({ version: '2' });
    });

    it('returns false for a missing entry', async () => {
      expect(await store.remove(newKey(), '1')).toBe(false);
    });
  });

  describe('a set', () => {
    it('is empty before the first member', async () => {
      expect(await store.members(newKey())).toEqual([]);
    });

    it('has each member once, through any client', async () => {
      const key = newKey();
      for (const member of ['a', 'b', 'a']) await store.addMember(key, member);
      expect([...(await other.members(key))].toSorted()).toEqual(['a', 'b']);
    });

    it('loses only the removed member', async () => {
      const key = newKey();
      for (const member of ['a', 'b']) await store.addMember(key, member);
      await other.removeMember(key, 'a');
      await other.removeMember(key, 'nobody');
      expect(await store.members(key)).toEqual(['b']);
    });
  });

  describe('an index', () => {
    const add = (
      key: string,
      name: string,
      { oldest = '', maxNames = 10, lifeMs = LONG_MS } = {},
    ): Promise<void> => store.addToIndex(key, { name, oldest, maxNames, lifeMs });

    it('is empty before the first name', async () => {
      expect(await store.index(newKey(), { count: 5 })).toEqual([]);
    });

    it('returns each name once, newest first, through any client', async () => {
      const key = newKey();
      for (const name of ['2b', '10', '2a', '3', '2b']) await add(key, name);
      expect(await other.index(key, { count: 10 })).toEqual(['3', '2b', '2a', '10']);
    });

    it('returns at most the requested number of names, below a name if one is given', async () => {
      const key = newKey();
      for (const name of ['1', '2', '3', '4', '5']) await add(key, name);
      expect(await other.index(key, { count: 2 })).toEqual(['5', '4']);
      expect(await other.index(key, { count: 2, below: '4' })).toEqual(['3', '2']);
      expect(await other.index(key, { count: 2, below: '35' })).toEqual(['3', '2']);
      expect(await other.index(key, { count: 2, below: '1' })).toEqual([]);
    });

    it('loses the removed name, the expired ones, and the oldest beyond its maximum', async () => {
      const key = newKey();
      for (const name of ['1', '2', '3', '4', '5']) await add(key, name);
      await other.removeFromIndex(key, '4');
      await other.removeFromIndex(key, 'nothing');
      await add(key, '6', { oldest: '2' });
      expect(await store.index(key, { count: 10 })).toEqual(['6', '5', '3', '2']);
      await add(key, '7', { maxNames: 2 });
      expect(await store.index(key, { count: 10 })).toEqual(['7', '6']);
    });

    it('expires some time after the last addition', async () => {
      const key = newKey();
      await add(key, '1', { lifeMs: LONG_MS });
      await add(key, '2', { lifeMs: SHORT_MS });
      expect(await store.index(key, { count: 10 })).toEqual(['2', '1']);
      await eventually(async () => ((await store.index(key, { count: 10 })).length === 0 ? true : undefined));
    });
  });
});
