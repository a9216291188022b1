import { hash } from 'node:crypto';

/** A row that a cursor remembers. */
export interface RememberedRow {
  /** Number of rows between it and the row of the cursor; 0 is that row itself. */
  readonly distance: number;
  readonly digest: string;
}

/** A decoded cursor: where its row was, and that row with some of its neighbors, nearest first. */
export interface Cursor {
  readonly offset: number;
  /** The row itself and rows before it. */
  readonly back: readonly RememberedRow[];
  /** The row itself and rows after it. */
  readonly ahead: readonly RememberedRow[];
}

/** The canonical page that contains the row of a cursor, and the place of the row in it. */
export interface PlaceInPage {
  readonly rows: readonly { readonly groupId: string }[];
  readonly index: number;
}

const VERSION = 2;
/** Distances of remembered neighbors: close ones keep the overlap small, distant ones outlive many deletions. */
const DISTANCES = [1, 3, 9, 27] as const;
/** Version, counts of rows back and ahead, offset, list. */
const HEADER_BYTES = 12;
const LIST_BYTES = 6;
const ROW_BYTES = 5;
const MAX_OFFSET = 1_000_000_000;

/**
 * Cursors of one list: opaque, versioned, with an offset, digests of rows and a digest of the list. They do not depend on
 * the slice that shows the row. A cursor of another list (scope or filter) is rejected instead of silently pointing
 * elsewhere.
 */
export class Cursors {
  #list: Buffer | undefined;

  constructor(private readonly list: readonly unknown[]) {}

  encode(offset: number, { rows, index }: PlaceInPage): string {
    const digestAt = (at: number): Buffer[] => {
      const row = rows[at];
      return row ? [rowDigest(row.groupId)] : [];
    };
    const self = digestAt(index);
    const neighbors = self.length === 0 ? [] : DISTANCES;
    const back = [...self, ...neighbors.flatMap((distance) => digestAt(index - distance))];
    const ahead = neighbors.flatMap((distance) => digestAt(index + distance));
    const header = Buffer.alloc(HEADER_BYTES - LIST_BYTES);
    header.writeUInt8(VERSION, 0);
    header.writeUInt8(back.length * 16 + ahead.length, 1);
    header.writeUInt32BE(offset, 2);
    return Buffer.concat([header, this.#listDigest(), ...back, ...ahead]).toString('base64url');
  }

  /** Returns a cursor that remembers no row: the whole list comes after it, and before it. */
  edge(): string {
    return this.encode(MAX_OFFSET, { rows: [], index: 0 });
  }

  /** Returns `undefined` for anything that cannot be a cursor of this list. */
  decode(text: string): Cursor | undefined {
    const bytes = Buffer.from(text, 'base64url');
    if (bytes.length < HEADER_BYTES || bytes[0] !== VERSION || bytes.toString('base64url') !== text)
      return undefined;
    const counts = bytes.readUInt8(1);
    const [back, ahead] = [counts >> 4, counts & 15];
    const offset = bytes.readUInt32BE(2);
    const isOfList = bytes.subarray(HEADER_BYTES - LIST_BYTES, HEADER_BYTES).equals(this.#listDigest());
    const isComplete = bytes.length === HEADER_BYTES + (back + ahead) * ROW_BYTES;
    if (!isOfList || !isComplete || offset > MAX_OFFSET) return undefined;
    if (back > DISTANCES.length + 1 || ahead > DISTANCES.length) return undefined;
    const row = (place: number, distance: number): RememberedRow => {
      const start = HEADER_BYTES + place * ROW_BYTES;
      return { distance, digest: bytes.toString('base64url', start, start + ROW_BYTES) };
    };
    const self = back > 0 ? [row(0, 0)] : [];
    const neighbors = (count: number, first: number): RememberedRow[] =>
      DISTANCES.slice(0, count).map((distance, index) => row(first + index, distance));
    return {
      offset,
      back: [...self, ...neighbors(back - self.length, self.length)],
      ahead: [...self, ...neighbors(ahead, back)],
    };
  }

  #listDigest(): Buffer {
    // Computed on demand: most readers request no cursors.
    this.#list ??= hash('sha256', JSON.stringify(this.list), 'buffer').subarray(0, LIST_BYTES);
    return this.#list;
  }
}

/** Returns the digest of a group by which cursors remember it. */
export function digestOfRow(groupId: string): string {
  return rowDigest(groupId).toString('base64url');
}

function rowDigest(groupId: string): Buffer {
  return hash('sha256', groupId, 'buffer').subarray(0, ROW_BYTES);
}
