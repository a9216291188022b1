import type { CamsGroupRow } from '../../cams/api.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import type { CursorPositions } from './cursor-positions.js';
import { type Cursor, Cursors } from './cursors.js';
import type { GroupPages, GroupFilter, PageReader } from './group-pages.js';
import { type PagingArgs, type Slice, resolveSlice } from './paging.js';

/** A group of a joined list, with the scope that lists it. */
export interface JoinedRow {
  readonly scope: TenantScope;
  readonly row: CamsGroupRow;
  readonly cursor: string;
}

/** A slice of a joined list. */
export interface JoinedSlice {
  readonly rows: readonly JoinedRow[];
  readonly startCursor: string | null;
  readonly endCursor: string | null;
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly total: number;
  /** When the oldest page in the slice was listed upstream, epoch milliseconds. */
  readonly asOfMs: number;
  readonly stale: boolean;
}

/** One list of a joined list, and where it begins there. */
interface Part {
  readonly scope: TenantScope;
  readonly read: PageReader;
  readonly cursors: Cursors;
  readonly positions: CursorPositions;
  readonly start: number;
  readonly total: number;
}

/** A cursor, and the list that it belongs to. */
interface JoinedCursor extends Cursor {
  readonly part: Part;
}

/** Returns the cursors of one list. They are the same wherever the list is shown. */
export function cursorsOf(scope: TenantScope, { status, subject }: GroupFilter): Cursors {
  return new Cursors([scope.key, status ?? null, subject ?? null]);
}

/**
 * Joins the lists of several business numbers, one after the other. Every row has the cursor that it has in its own list, so
 * a change of one list does not move the rows of another.
 */
export async function joinedSlice(
  pages: GroupPages,
  scopes: readonly TenantScope[],
  filter: GroupFilter,
  paging: PagingArgs,
): Promise<JoinedSlice> {
  const parts = await partsOf(pages, scopes, filter);
  const total = parts.reduce((sum, part) => sum + part.total, 0);
  const slice = await resolveSlice<JoinedCursor>(
    paging,
    { decode: (text) => decoded(parts, text) },
    {
      total: async () => total,
      after: async (cursor) => cursor.part.start + (await cursor.part.positions.after(cursor)),
      before: async (cursor) => cursor.part.start + (await cursor.part.positions.before(cursor)),
    },
  );
  return shown(pages, parts, slice, total);
}

async function partsOf(
  pages: GroupPages,
  scopes: readonly TenantScope[],
  filter: GroupFilter,
): Promise<readonly Part[]> {
  const lists = scopes.map((scope) => {
    const read = pages.reader(scope, filter);
    const positions = pages.positions(scope, filter, read);
    return { scope, read, cursors: cursorsOf(scope, filter), positions };
  });
  const totals = await Promise.all(lists.map(({ positions }) => positions.total()));
  let start = 0;
  return lists.map((list, index) => {
    const part = { ...list, start, total: totals[index] ?? 0 };
    start += part.total;
    return part;
  });
}

function decoded(parts: readonly Part[], text: string): JoinedCursor | undefined {
  for (const part of parts) {
    const cursor = part.cursors.decode(text);
    if (cursor) return { ...cursor, part };
  }
  return undefined;
}

async function shown(
  pages: GroupPages,
  parts: readonly Part[],
  { offset, limit }: Slice,
  total: number,
): Promise<JoinedSlice> {
  const asked = parts.flatMap((part) => {
    const from = Math.max(offset, part.start);
    const to = Math.min(offset + limit, part.start + part.total);
    return from < to ? [{ part, slice: { offset: from - part.start, limit: to - from } }] : [];
  });
  const slices = await Promise.all(
    asked.map(async ({ part, slice }) => ({ part, listed: await pages.slice(part.read, slice) })),
  );
  const ends = slices.map(({ part, listed }) => listed.ends(part.cursors));
  const firsts = await Promise.all(parts.map(({ read }) => read(1)));
  const count = slices.reduce((sum, { listed }) => sum + listed.rowCount, 0);
  return {
    rows: slices.flatMap(({ part, listed }) =>
      listed.rows().map(({ row, position }) => ({
        scope: part.scope,
        row,
        cursor: part.cursors.encode(position, listed.placeOf(position)),
      })),
    ),
    startCursor: ends.find(({ startCursor }) => startCursor !== null)?.startCursor ?? null,
    endCursor: ends.findLast(({ endCursor }) => endCursor !== null)?.endCursor ?? null,
    hasNextPage: offset + count < total,
    hasPreviousPage: offset > 0 && total > 0,
    total,
    // The totals come from the first pages, which are as old as they are.
    asOfMs: Math.min(...firsts.map(({ asOfMs }) => asOfMs), ...slices.map(({ listed }) => listed.asOfMs)),
    stale: firsts.some(({ stale }) => stale) || slices.some(({ listed }) => listed.stale),
  };
}
