import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { GroupIndex } from '../../src/chat-groups/reads/group-index.js';
import { scopeOf } from '../support/cams-callers.js';

const DAY_MS = 86_400_000;

let nowMs: number;
let known: GroupIndex;
beforeEach(() => {
  nowMs = 1_000;
  jest.spyOn(performance, 'now').mockImplementation(() => nowMs);
  known = new GroupIndex();
});
afterEach(() => {
  jest.restoreAllMocks();
});

const own = scopeOf('own');
const rows = (...ids: string[]): { groupId: string }[] => ids.map((groupId) => ({ groupId }));
const many = (count: number, name: string): { groupId: string }[] =>
  Array.from({ length: count }, (_, index) => ({ groupId: `${name}-${index}` }));

describe('groups that a scope has listed', () => {
  it('are known to that scope only', () => {
    known.saw(own, rows('a'), 1, nowMs);
    expect(known.get(own, 'a')).toMatchObject({ pageIndex: 1, firstSeenAtMs: 1_000 });
    expect(known.get(scopeOf('other'), 'a')).toBeUndefined();
    expect(known.get(own, 'b')).toBeUndefined();
  });

  it('keep the time they were first seen and the page where they were last seen', () => {
    known.saw(own, rows('a', 'b'), 1, 1_000);
    known.saw(own, rows('b', 'c'), 2, 2_000);
    expect(known.get(own, 'a')).toMatchObject({ pageIndex: 1, firstSeenAtMs: 1_000 });
    expect(known.get(own, 'b')).toMatchObject({ pageIndex: 2, firstSeenAtMs: 1_000 });
    expect(known.get(own, 'c')).toMatchObject({ pageIndex: 2, firstSeenAtMs: 2_000 });
  });

  it('keep their page when seen in a filtered listing', () => {
    known.saw(own, rows('a', 'b'), 3, 1_000);
    known.saw(own, rows('b', 'c'), undefined, 1_000);
    expect(known.get(own, 'b')?.pageIndex).toBe(3);
    expect(known.get(own, 'c')?.pageIndex).toBeUndefined();
  });

  it('expire individually a day after they were last seen', () => {
    known.saw(own, rows('a', 'b'), 1, nowMs);
    nowMs += DAY_MS / 2;
    known.saw(own, rows('b'), 1, nowMs);
    nowMs += DAY_MS / 2;
    expect(known.get(own, 'a')).toBeUndefined();
    expect(known.get(own, 'b')).toMatchObject({ firstSeenAtMs: 1_000 });
    nowMs += DAY_MS / 2;
    expect(known.get(own, 'b')).toBeUndefined();
    known.saw(own, rows('b'), 1, nowMs);
    expect(known.get(own, 'b')).toMatchObject({ firstSeenAtMs: nowMs });
  });

  it('can be forgotten individually', () => {
    known.saw(own, rows('a', 'b'), 1, nowMs);
    known.forget(own, 'a');
    known.forget(own, 'c');
    known.forget(scopeOf('other'), 'b');
    expect(known.get(own, 'a')).toBeUndefined();
    expect(known.get(own, 'b')).toBeDefined();
  });

  it('are evicted to make room for groups of scopes seen later', () => {
    const scopes = Array.from({ length: 6 }, (_, index) => scopeOf(`tenant-${index}`));
    for (const count of [1, 20_000])
      for (const scope of scopes) known.saw(scope, many(count, 'group'), 1, nowMs);
    expect(scopes.map((scope) => known.get(scope, 'group-0') !== undefined)).toEqual([
      false,
      true,
      true,
      true,
      true,
      true,
    ]);
  });

  it('are evicted only from their own scope if that scope has too many', () => {
    const other = scopeOf('other');
    known.saw(other, rows('a'), 1, nowMs);
    known.saw(own, many(120_000, 'group'), 1, nowMs);
    expect(known.get(own, 'group-0')).toBeUndefined();
    expect(known.get(own, 'group-119999')).toBeDefined();
    expect(known.get(other, 'a')).toBeDefined();
  });
});
