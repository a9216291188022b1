import type { CachedPage } from '../../cache/cached-page.js';
import type { Listing } from '../../cache/listing.js';
import type { CamsGroupPage, CamsGroupRow } from '../../cams/api.js';
import type { Cursors, PlaceInPage } from './cursors.js';
import type { Slice } from './paging.js';

export interface PlacedRow {
  readonly row: CamsGroupRow;
  readonly position: number;
}

export interface SliceEnds {
  readonly startCursor: string | null;
  readonly endCursor: string | null;
}

/**
 * Rows of a list, with their age and staleness. Computes what it can on demand: most readers have already memoized what is
 * derived from the rows. Does not know the scope, since what is derived outlives the request.
 */
export class GroupSlice {
  readonly stale: boolean;
  /** When the oldest page was listed upstream, epoch milliseconds. */
  readonly asOfMs: number;
  readonly cacheStatus: string;

  /** `pages` are the canonical pages of the slice, at least one; `start` is the position of their first row. */
  constructor(
    readonly slice: Slice,
    private readonly pages: readonly CachedPage<CamsGroupPage>[],
    private readonly start: number,
    private readonly pageSize: number,
  ) {
    const oldest = pages.reduce((a, b) => (b.asOfMs < a.asOfMs ? b : a));
    this.asOfMs = oldest.asOfMs;
    this.cacheStatus = oldest.cacheStatus;
    this.stale = pages.some((page) => page.stale);
  }

  /** Of the whole list, by the page read last. */
  get total(): number {
    return totalOf(this.pages);
  }

  /** The listing of the slice, if it is a single cached page that is not stale. */
  get listing(): Listing | undefined {
    return this.pages.length === 1 && !this.stale ? this.pages[0]?.listing : undefined;
  }

  /** Number of rows, in which a group may be listed twice. */
  get rowCount(): number {
    const { offset, limit } = this.slice;
    const before = this.start + (this.pages.length - 1) * this.pageSize;
    const listed = before + this.#groupsOf(this.pages.length - 1).length;
    return Math.max(0, Math.min(offset + limit, listed) - offset);
  }

  /** Returns each group once, with its position in the list. */
  rows(): readonly PlacedRow[] {
    const { offset, limit } = this.slice;
    const seen = new Set<string>();
    return this.pages.flatMap((_page, page) =>
      this.#groupsOf(page).flatMap((row, index) => {
        // A group that is listed twice is shown at its first place, even if that is not in the slice.
        if (seen.has(row.groupId)) return [];
        seen.add(row.groupId);
        const position = this.start + page * this.pageSize + index;
        return position >= offset && position < offset + limit ? [{ row, position }] : [];
      }),
    );
  }

  /** Returns the place of a row of the slice in its canonical page. */
  placeOf(position: number): PlaceInPage {
    const inPages = position - this.start;
    return { rows: this.#groupsOf(Math.floor(inPages / this.pageSize)), index: inPages % this.pageSize };
  }

  /** Returns the cursors of the first and last row, `null` if there is none. */
  ends(cursors: Cursors): SliceEnds {
    const { slice, rowCount } = this;
    if (rowCount === 0) return { startCursor: null, endCursor: null };
    const at = (position: number): string => cursors.encode(position, this.placeOf(position));
    return { startCursor: at(slice.offset), endCursor: at(slice.offset + rowCount - 1) };
  }

  #groupsOf(index: number): readonly CamsGroupRow[] {
    return this.pages[index]?.value.groups ?? [];
  }
}

/** Returns the total that the last page shows. */
export function totalOf(pages: readonly CachedPage<CamsGroupPage>[]): number {
  return pages.at(-1)?.value.total ?? 0;
}
