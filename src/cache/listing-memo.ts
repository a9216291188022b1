/**
 * Memoizes values derived from a listing, for callers that see the same part of it. They are evicted with the listing.
 * Nothing is memoized without a listing to attach it to: a page that no other reader will get, several pages, or
 * `FAST_PATH=off`.
 */
export class ListingMemo {
  readonly #made = new Map<unknown, unknown>();

  /** `reserve` returns whether there is room for that many more bytes, and counts them if so. */
  constructor(private readonly reserve: (bytes: number) => boolean = () => false) {}

  /** Returns the value of `make`, called once per name. `bytesOf` estimates the size of the value. */
  of<T>(name: unknown, make: () => T, bytesOf: (made: T) => number = () => 0): T {
    const known = this.get(name);
    if (known !== undefined) return known as T;
    const made = make();
    this.keep(name, made, bytesOf(made));
    return made;
  }

  /** Names are strings, or objects that outlive the listing: looking up an object needs no string hashing. */
  get(name: unknown): unknown {
    return this.#made.get(name);
  }

  /** Stores a value if there is room for it. `bytes` is its size without the overhead of the entry. */
  keep(name: unknown, made: unknown, bytes: number): void {
    if (this.reserves(bytes)) this.#made.set(name, made);
  }

  /** Returns whether there is room for a value that hangs on a memoized one, and counts it if so. */
  reserves(bytes: number): boolean {
    return this.reserve(ENTRY_BYTES + bytes);
  }

  /** Returns the memo for a part of the listing, such as a slice. */
  part(name: unknown): ListingMemo {
    return this.of(
      name,
      () => new ListingMemo(this.reserve),
      () => ENTRY_BYTES,
    );
  }
}

const ENTRY_BYTES = 300;
const memos = new WeakMap<object, ListingMemo>();

/** Attaches a memo to a value, for the code that renders or compresses it. */
export function withMemo<T extends object>(value: T, memo: ListingMemo): T {
  memos.set(value, memo);
  return value;
}

/** Returns the memo attached to a value; `undefined` unless the value shows only a part of one listing. */
export function memoOf(value: unknown): ListingMemo | undefined {
  return typeof value === 'object' && value !== null ? memos.get(value) : undefined;
}
