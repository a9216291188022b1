import { beforeEach, describe, expect, it } from '@jest/globals';
import { FairCache } from './fair-cache.js';

const MAX = 100;
let cache: FairCache<string>;
const set = (owner: string, from: number, to: number): void => {
  for (let n = from; n < to; n += 1) cache.set(owner, `${owner} ${n}`, `${n}`);
};
const kept = (owner: string, from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, n) => from + n).filter(
    (n) => cache.peek(`${owner} ${n}`) !== undefined,
  );

beforeEach(() => {
  cache = new FairCache<string>({ maxSize: MAX });
});

describe('a cache with one owner', () => {
  it('is an LRU cache', () => {
    set('a', 0, MAX);
    cache.get('a 0');
    cache.peek('a 1');
    set('a', MAX, MAX + 10);
    expect(cache.get('a 0')).toBe('0');
    expect(kept('a', 1, 11)).toEqual([]);
    expect(kept('a', 11, MAX + 10)).toHaveLength(MAX - 1);
    expect(cache.size).toBe(MAX);
  });

  it('can be emptied, in part or as a whole', () => {
    set('a', 0, 10);
    expect([cache.delete('a 3'), cache.delete('a 3')]).toEqual([true, false]);
    expect([cache.has('a 2'), cache.has('a 3'), cache.size]).toEqual([true, false, 9]);
    cache.clear();
    expect([cache.has('a 2'), cache.size]).toEqual([false, 0]);
    set('a', 0, MAX);
    expect(cache.size).toBe(MAX);
  });
});

describe('a cache with several owners', () => {
  it('evicts nothing of an owner within its part, however much another one sets', () => {
    set('quiet', 0, MAX / 2);
    set('loud', 0, MAX * 20);
    expect(kept('quiet', 0, MAX / 2)).toHaveLength(MAX / 2);
    expect(kept('loud', 0, MAX * 20)).toHaveLength(MAX / 2);
    expect(cache.get(`loud ${MAX * 20 - 1}`)).toBeDefined();
  });

  it('makes room for an owner that arrives when it is full', () => {
    set('loud', 0, MAX * 2);
    set('new', 0, MAX / 2);
    expect(kept('new', 0, MAX / 2)).toHaveLength(MAX / 2);
    set('loud', 0, MAX * 2);
    expect(kept('new', 0, MAX / 2)).toHaveLength(MAX / 2);
    set('third', 0, 10);
    set('loud', 0, MAX * 2);
    expect(kept('third', 0, 10)).toHaveLength(10);
    expect(cache.size).toBe(MAX);
  });

  it('gives all of it to one owner while the others have nothing', () => {
    set('gone', 0, 5);
    for (let n = 0; n < 5; n += 1) cache.delete(`gone ${n}`);
    set('a', 0, MAX);
    expect(kept('a', 0, MAX)).toHaveLength(MAX);
  });

  it('shares by size', () => {
    const sized = new FairCache<string>({ maxSize: MAX, sizeOf: ({ length }) => length });
    sized.set('quiet', 'q', 'x'.repeat(40));
    for (let n = 0; n < 50; n += 1) sized.set('loud', `l ${n}`, 'x'.repeat(30));
    expect([sized.has('q'), sized.has('l 49'), sized.has('l 48')]).toEqual([true, true, true]);
    sized.set('loud', 'too large', 'x'.repeat(MAX + 1));
    expect([sized.has('too large'), sized.has('q')]).toEqual([false, true]);
    sized.set('loud', 'all', 'x'.repeat(MAX));
    expect([sized.has('all'), sized.has('q')]).toEqual([false, true]);
    sized.delete('q');
    sized.set('loud', 'all', 'x'.repeat(MAX));
    expect([sized.has('all'), sized.size]).toEqual([true, MAX]);
  });
});

it('never exceeds its size, and counts correctly, whatever is set, replaced and deleted', () => {
  const sized = new FairCache<number>({ maxSize: MAX, sizeOf: (value) => value });
  const model = new Map<string, number>();
  let seed = 7;
  const next = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  for (let step = 0; step < 5_000; step += 1) {
    const key = `${next(30)}`;
    if (next(4) === 0) sized.delete(key);
    else {
      const value = next(20);
      model.set(key, value);
      sized.set(`owner ${next(4)}`, key, value);
    }
    const sizes = [...model.keys()].map((one) => (sized.has(one) ? Math.max(1, sized.peek(one) ?? 0) : 0));
    expect(sized.size).toBe(sizes.reduce((a, b) => a + b, 0));
    expect(sized.size).toBeLessThanOrEqual(MAX);
  }
});

it('an owner whose entries are deleted leaves its part to others', () => {
  set('a', 0, MAX / 2);
  set('b', 0, MAX / 2);
  cache.deleteOwners(['a', 'unknown']);
  expect(cache.size).toBe(MAX / 2);
  set('b', 0, MAX);
  expect([kept('a', 0, MAX), kept('b', 0, MAX).length]).toEqual([[], MAX]);
});
