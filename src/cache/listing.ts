/** Bound of what one listing keeps beside its rows, so that one page with many views does not fill the cache alone. */
const MAX_DERIVED_BYTES = 1024 * 1024;
const ENTRY_BYTES = 300;

/**
 * A page as an object, the same for all of its readers until it is listed again. What they make of it (a view, a
 * rendered response, an entity tag) is kept with it, counted with it, and gone with it.
 */
export class Listing {
  readonly #derived = new Map<string, unknown>();
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

  get(key: string): unknown {
    return this.#derived.get(key);
  }

  /** Keeps a derived value, if there is room for it; `bytes`: what it takes beside its entry. */
  keep(key: string, derived: unknown, bytes: number): void {
    const size = ENTRY_BYTES + bytes;
    if (size > MAX_DERIVED_BYTES) return;
    if (this.#derivedBytes + size > MAX_DERIVED_BYTES) {
      this.#derived.clear();
      this.#derivedBytes = 0;
    }
    this.#derived.set(key, derived);
    this.#derivedBytes += size;
    this.grown(this);
  }
}
