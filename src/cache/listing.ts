import { ListingMemo } from './listing-memo.js';

/** Bound of what one listing keeps beside its rows, so that one page with many views does not fill the cache alone. */
const MAX_DERIVED_BYTES = 1024 * 1024;

/**
 * A page as an object, the same for all of its readers until it is listed again. What they make of it (a view, a
 * rendered response, an entity tag) is kept with it, counted with it, and gone with it.
 */
export class Listing {
  #memo: ListingMemo | undefined;
  #derivedBytes = 0;

  /** `asOfMs`: when the page was listed, epoch milliseconds; `grown` is called when {@link bytes} has changed. */
  constructor(
    readonly revision: string,
    readonly value: unknown,
    readonly asOfMs: number,
    readonly ownBytes: number,
    private readonly grown: (listing: Listing) => void,
  ) {}

  /** By estimate, with all that is kept of it. */
  get bytes(): number {
    return this.ownBytes + this.#derivedBytes;
  }

  /** Everything that readers have made of the page; another one, empty, once it is full. */
  get memo(): ListingMemo {
    this.#memo ??= new ListingMemo((bytes) => this.#reserve(bytes));
    return this.#memo;
  }

  #reserve(bytes: number): boolean {
    if (bytes > MAX_DERIVED_BYTES) return false;
    if (this.#derivedBytes + bytes > MAX_DERIVED_BYTES) {
      this.#memo = undefined;
      this.#derivedBytes = 0;
    }
    this.#derivedBytes += bytes;
    this.grown(this);
    return true;
  }
}
