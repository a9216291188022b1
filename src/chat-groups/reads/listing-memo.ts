import type { Listing } from '../../cache/listing.js';

/**
 * What is made of a listing for callers who see the same of it: kept with the listing, and gone with it. Without a
 * listing (a page that no other reader will see, several pages, `FAST_PATH=off`) everything is made each time.
 */
export class ListingMemo {
  /** `view`: the same for callers who see the same, see `viewKey`. */
  constructor(
    private readonly listing: Listing | undefined,
    private readonly view: string,
  ) {}

  /** What `make` returns, made once for each name; `bytesOf` says what it takes to keep it. */
  of<T>(name: string, make: () => T, bytesOf: (made: T) => number = () => 0): T {
    const known = this.get(name);
    if (known !== undefined) return known as T;
    const made = make();
    this.keep(name, made, bytesOf(made));
    return made;
  }

  get(name: string): unknown {
    return this.listing?.get(`${this.view} ${name}`);
  }

  keep(name: string, made: unknown, bytes: number): void {
    this.listing?.keep(`${this.view} ${name}`, made, bytes);
  }

  /** A memo for a part of the listing, such as a slice of it. */
  part(name: string): ListingMemo {
    return new ListingMemo(this.listing, `${this.view} ${name}`);
  }
}

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
