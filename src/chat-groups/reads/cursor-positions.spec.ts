import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CursorPositions, type ListedPage } from './cursor-positions.js';
import { type Cursor, Cursors } from './cursors.js';
import { type PagingArgs, type Slice, resolveSlice } from './paging.js';

const RUNS = 10_000;
const cursors = new Cursors(['list']);

/** A list at CAMS, read in canonical pages. */
class List {
  reads = 0;
  searches = 0;

  constructor(
    public ids: string[],
    private readonly pageSize: number,
  ) {}

  readonly read = async (index: number): Promise<ListedPage> => {
    this.reads += 1;
    const rows = this.ids.slice((index - 1) * this.pageSize, index * this.pageSize);
    return { total: this.ids.length, groups: rows.map((groupId) => ({ groupId })) };
  };

  readonly search = (index: number): Promise<ListedPage> => {
    this.searches += 1;
    return this.read(index);
  };

  cursorAt(position: number): string {
    const start = position - (position % this.pageSize);
    const rows = this.ids.slice(start, start + this.pageSize).map((groupId) => ({ groupId }));
    return cursors.encode(position, { rows, index: position - start });
  }

  slice(args: PagingArgs): Promise<Slice> {
    return resolveSlice(args, cursors, new CursorPositions(this.pageSize, this));
  }
}

/** A change between two pages of a walk: a number of groups deleted or created at a place, as a fraction of the list. */
interface Change {
  readonly place: number;
  readonly deleted: number;
  readonly created: number;
}

const change: fc.Arbitrary<Change> = fc.record({
  place: fc.double({ min: 0, max: 1, noNaN: true }),
  deleted: fc.oneof(fc.nat(3), fc.nat(60)),
  created: fc.oneof(fc.constant(0), fc.nat(3), fc.nat(40)),
});

const walk = fc.record({
  count: fc.integer({ min: 0, max: 300 }),
  pageSize: fc.constantFrom(1, 3, 7, 20, 100),
  size: fc.integer({ min: 1, max: 100 }),
  changes: fc.array(fc.option(change, { nil: undefined }), { maxLength: 12 }),
});

/** Walks the whole list in one direction, with changes between its pages. Returns the groups that it has shown. */
async function walked(
  direction: 'forward' | 'backward',
  list: List,
  size: number,
  changes: readonly (Change | undefined)[],
): Promise<Set<string>> {
  const shown = new Set<string>();
  const todo = [...changes];
  let created = 0;
  let cursor: string | undefined;
  for (let step = 0; step < 2_000; step += 1) {
    const from = cursor === undefined ? {} : { [direction === 'forward' ? 'after' : 'before']: cursor };
    const { offset, limit } = await list.slice({
      [direction === 'forward' ? 'first' : 'last']: size,
      ...from,
    });
    const rows = list.ids.slice(offset, offset + limit);
    for (const id of rows) shown.add(id);
    const isLast = direction === 'forward' ? offset + rows.length >= list.ids.length : offset === 0;
    if (isLast) return shown;
    cursor = list.cursorAt(direction === 'forward' ? offset + rows.length - 1 : offset);
    const next = todo.shift();
    if (!next) continue;
    const at = Math.floor(next.place * list.ids.length);
    const added = Array.from({ length: next.created }, () => `new-${(created += 1)}`);
    list.ids.splice(at, next.deleted, ...added);
  }
  throw new Error('The walk does not end.');
}

describe.each(['forward', 'backward'] as const)('a walk %s', (direction) => {
  it('shows every group that exists throughout, whatever is created and deleted meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(walk, async ({ count, pageSize, size, changes }) => {
        const before = Array.from({ length: count }, (_, index) => `g${index}`);
        const list = new List([...before], pageSize);
        const shown = await walked(direction, list, size, changes);
        const lasting = before.filter((id) => list.ids.includes(id));
        expect(lasting.filter((id) => !shown.has(id))).toEqual([]);
      }),
      { numRuns: RUNS / 2 },
    );
  });
});

describe('the position after a cursor', () => {
  const ids = Array.from({ length: 100 }, (_, index) => `g${index}`);
  const decoded = (list: List, position: number): Cursor => {
    const cursor = cursors.decode(list.cursorAt(position));
    if (!cursor) throw new Error('A cursor of the list decodes.');
    return cursor;
  };
  const without = (...places: number[]): string[] => ids.filter((_, index) => !places.includes(index));

  it.each([
    ['nothing has changed', ids, 50, 49],
    ['earlier groups were deleted', without(0, 1, 2), 47, 46],
    ['groups were created before it', ['x', 'y', ...ids], 52, 51],
    ['its group was deleted', without(49), 49, 49],
    ['its group and its neighbors were deleted', without(47, 48, 49, 50, 51), 47, 47],
    ['everything that it remembers was deleted', without(49, 48, 46, 40, 22, 50, 52, 58, 76), 0, 91],
  ])('is found if %s', async (_what, now, after, before) => {
    const list = new List([...ids], 100);
    const cursor = decoded(list, 49);
    list.ids = now;
    const positions = new CursorPositions(100, list);
    expect(await positions.after(cursor)).toBe(after);
    expect(await positions.before(cursor)).toBe(before);
  });

  it('takes one page if nothing has changed, and a bounded number otherwise', async () => {
    const list = new List(
      Array.from({ length: 5_000 }, (_, index) => `g${index}`),
      100,
    );
    const cursor = decoded(list, 2_550);
    const positions = new CursorPositions(100, list);
    await positions.after(cursor);
    expect([list.reads, list.searches]).toEqual([1, 0]);
    list.ids = list.ids.map((id) => `${id}-new`);
    await positions.after(cursor);
    // The page where the row was, each time, and six near it.
    expect([list.reads, list.searches]).toEqual([8, 6]);
  });
});
