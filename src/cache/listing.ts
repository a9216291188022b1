import { ListingMemo } from './listing-memo.js';

/** Maximum size of the values derived from one listing, so that one page with many views cannot fill the cache. */
const MAX_DERIVED_BYTES = 1024 * 1024;

/**
 * A parsed page, shared by all its readers until it is listed again. Values derived from it (a view, a rendered
 * response, an entity tag) are cached with it, count towards its size, and are evicted with it.
 */
export class Listing {
  #memo: ListingMemo | undefined;
  #derivedBytes = 0;

  /** `asOfMs` is when the page was listed, in epoch milliseconds. `grown` is called when {@link bytes} changes. */
  constructor(
    readonly revision: string,
    readonly value: unknown,
    readonly asOfMs: number,
    readonly ownBytes: number,
    private readonly grown: (listing: Listing) => void,
  ) {}

  /** Estimated size, including the derived values. */
  get bytes(): number {
    return this.ownBytes + this.#derivedBytes;
  }

  /** The values derived from the page. Replaced by an empty memo once it is full. */
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
