import { type Cursor, type RememberedRow, digestOfRow } from './cursors.js';

/** A canonical page of the list. */
export interface ListedPage {
  readonly total: number;
  readonly groups: readonly { readonly groupId: string }[];
}

/** Canonical pages of one list by index, which starts at 1. */
export interface SearchedPages {
  /** Returns a page that the slice probably contains. */
  read(index: number): Promise<ListedPage>;
  /** Returns a page of which only the position of a row may be needed. */
  search(index: number): Promise<ListedPage>;
}

/** How many pages before and after the expected one are searched for remembered rows. */
const PAGES_BACK = 4;
const PAGES_AHEAD = 2;

/**
 * Finds where the rows of cursors are now. Groups are created and deleted during a walk, so offsets alone would skip some.
 * A position is chosen so that no row is skipped, as long as CAMS keeps the order of the rows; some may be shown again.
 */
export class CursorPositions {
  constructor(
    private readonly pageSize: number,
    private readonly pages: SearchedPages,
  ) {}

  async total(): Promise<number> {
    return (await this.pages.read(1)).total;
  }

  /** Returns the position of the first row after the cursor. */
  async after({ offset, back }: Cursor): Promise<number> {
    const found = await this.#find(offset, back, 'first');
    // Nothing is left of what the cursor remembers. Only the whole list is sure to contain the rows after it.
    return found === undefined ? 0 : found + 1;
  }

  /** Returns the position after the last row before the cursor. */
  async before({ offset, ahead }: Cursor): Promise<number> {
    const found = await this.#find(offset, ahead, 'last');
    return found ?? this.total();
  }

  /** Returns the position of the nearest remembered row that is left, `undefined` if there is none nearby. */
  async #find(
    offset: number,
    remembered: readonly RememberedRow[],
    which: 'first' | 'last',
  ): Promise<number | undefined> {
    const [nearest] = remembered;
    if (!nearest) return undefined;
    const expected = Math.floor(offset / this.pageSize) + 1;
    const { groups, total } = await this.pages.read(expected);
    const inPlace = groups[offset % this.pageSize];
    if (nearest.distance === 0 && inPlace && digestOfRow(inPlace.groupId) === nearest.digest) return offset;
    const distances = new Map(remembered.map(({ digest, distance }) => [digest, distance]));
    for (const index of pagesNear(expected, Math.ceil(total / this.pageSize))) {
      const page = index === expected ? groups : (await this.pages.search(index)).groups;
      const place = nearestIn(page, distances, which);
      if (place !== undefined) return (index - 1) * this.pageSize + place;
    }
    return undefined;
  }
}

/** Returns the place of the nearest remembered row on a page; of a row that is listed twice, the first or the last. */
function nearestIn(
  rows: ListedPage['groups'],
  distances: ReadonlyMap<string, number>,
  which: 'first' | 'last',
): number | undefined {
  let best: { readonly place: number; readonly distance: number } | undefined;
  for (const [place, { groupId }] of rows.entries()) {
    const distance = distances.get(digestOfRow(groupId));
    if (distance === undefined) continue;
    const isBetter = !best || distance < best.distance || (distance === best.distance && which === 'last');
    if (isBetter) best = { place, distance };
  }
  return best?.place;
}

/** Returns pages in the order of the search: deletions, which move rows to the front, are more common than insertions. */
function pagesNear(expected: number, last: number): number[] {
  const start = Math.min(expected, Math.max(1, last));
  const back = Array.from({ length: PAGES_BACK + 1 }, (_, step) => start - step);
  const ahead = Array.from({ length: PAGES_AHEAD }, (_, step) => start + step + 1);
  return [...back, ...ahead].filter((index) => index >= 1 && index <= last);
}
