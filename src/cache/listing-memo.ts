/**
 * What is made of a listing for callers who see the same of it: kept with the listing, and gone with it. Where nothing
 * can be kept (a page that no other reader will see, several pages, `FAST_PATH=off`) everything is made each time.
 */
export class ListingMemo {
  readonly #made = new Map<unknown, unknown>();

  /** `reserve`: whether so many bytes more may be kept, which then are. */
  constructor(private readonly reserve: (bytes: number) => boolean = () => false) {}

  /** What `make` returns, made once for each name; `bytesOf` says what it takes to keep it. */
  of<T>(name: unknown, make: () => T, bytesOf: (made: T) => number = () => 0): T {
    const known = this.get(name);
    if (known !== undefined) return known as T;
    const made = make();
    this.keep(name, made, bytesOf(made));
    return made;
  }

  /** Names are texts, or objects that live longer than the listing: finding these takes no hash. */
  get(name: unknown): unknown {
    return this.#made.get(name);
  }

  /** Keeps a value, if there is room for it; `bytes`: what it takes beside its entry. */
  keep(name: unknown, made: unknown, bytes: number): void {
    if (this.reserve(ENTRY_BYTES + bytes)) this.#made.set(name, made);
  }

  /** A memo for a part of the listing, such as a slice of it. */
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

/** Lets whoever renders the value find the memo of what it shows. */
export function withMemo<T extends object>(value: T, memo: ListingMemo): T {
  memos.set(value, memo);
  return value;
}

/** The memo of what a value shows, if it shows nothing but a part of one listing. */
export function memoOf(value: unknown): ListingMemo | undefined {
  return typeof value === 'object' && value !== null ? memos.get(value) : undefined;
}
