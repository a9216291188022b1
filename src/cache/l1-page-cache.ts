import { Logger } from '@nestjs/common';
import { Listing } from './listing.js';
import type { Counter } from 'prom-client';
import type { PageKey, StoredPage } from './stores/page-store.js';
import { FairCache } from '../util/fair-cache.js';
import { parseJson } from '../util/parse-json.js';
import type { RemovedTenants } from '../util/removed-tenants.js';

/** A parsed page, and whether it is cached: its next readers then get the same object, unless it is evicted. */
export interface ParsedPage {
  readonly listing: Listing;
  readonly isKept: boolean;
}

/** Values derived from a page are memoized only if the page itself is cached. */
export function listingOf({ listing, isKept }: ParsedPage): Listing | undefined {
  return isKept ? listing : undefined;
}

/** A page that was just parsed or listed. */
interface NewPage {
  readonly revision: string;
  readonly value: unknown;
  /** When the page was listed, epoch milliseconds. */
  readonly asOfMs: number;
}

interface Payload {
  /** The scope that was listed. Checked on each read, independently of the key. */
  readonly scope: string;
  readonly value: unknown;
}

/** Memory of a parsed page per character of its text: measured, then rounded up. */
const PARSED_BYTES_PER_CHARACTER = 3;
const ENTRY_BYTES = 300;
/** Size of the list of pages requested once recently. A page is cached when it is requested again. */
const MAX_SEEN_ONCE = 1_000;
/** List times that differ by less are treated as equal: they come from two clocks, in whole milliseconds. */
const SAME_TIME_MS = 1_000;

/**
 * A size-limited cache of parsed pages. It returns a page only if the store has just named its revision, so it is never
 * stale. A page is cached from its second request on: when requests cycle through more pages than fit, caching each one
 * briefly would cost memory without producing hits. The payload of a cached page is fetched and parsed once per
 * revision.
 */
export class L1PageCache {
  readonly #logger = new Logger(L1PageCache.name);
  readonly #pages: FairCache<Listing>;
  readonly #seenOnce = new FairCache<true>({ maxSize: MAX_SEEN_ONCE });

  constructor(
    private readonly maxBytes: number,
    private readonly foreign: Counter,
  ) {
    this.#pages = new FairCache({ maxSize: maxBytes, sizeOf: ({ bytes }) => bytes });
  }

  forget({ tenants }: RemovedTenants): void {
    this.#pages.deleteOwners(tenants);
    this.#seenOnce.deleteOwners(tenants);
  }

  /** Estimated size in bytes. */
  get bytes(): number {
    return this.#pages.size;
  }

  known(key: PageKey): Listing | undefined {
    return this.#pages.get(key.page);
  }

  /** Returns a stored page as an object; `undefined` if it cannot be trusted or its payload is not available. */
  open(
    key: PageKey,
    scope: string,
    { revision, payload, ageMs }: StoredPage,
    known: Listing | undefined,
  ): ParsedPage | undefined {
    const asOfMs = Date.now() - ageMs;
    if (payload === undefined)
      return known?.revision === revision ? this.#dated(key, known, asOfMs) : undefined;
    const parsed = parseJson(payload) as Payload | null | undefined;
    if (parsed?.scope !== scope) {
      this.foreign.inc();
      this.#logger.error({
        msg: 'dropped a cache entry that is invalid or belongs to another scope: make sure that nothing else writes to this Redis',
      });
      return undefined;
    }
    return this.remember(key, { revision, value: parsed.value, asOfMs }, payload.length);
  }

  remember(key: PageKey, page: NewPage, characters: number): ParsedPage {
    const bytes = ENTRY_BYTES + characters * PARSED_BYTES_PER_CHARACTER;
    const isKept = bytes <= this.maxBytes && (this.#pages.has(key.page) || this.#seenOnce.has(key.page));
    const listing = this.#listing(key, page, bytes);
    if (isKept) return { listing, isKept: this.#pages.set(key.owner, key.page, listing) };
    this.#seenOnce.set(key.owner, key.page, true);
    return { listing, isKept };
  }

  /** Returns the known page, so that all its readers get the same object, unless a clock was changed meanwhile. */
  #dated(key: PageKey, known: Listing, asOfMs: number): ParsedPage {
    if (Math.abs(known.asOfMs - asOfMs) < SAME_TIME_MS) return { listing: known, isKept: true };
    const { revision, value, ownBytes } = known;
    const listing = this.#listing(key, { revision, value, asOfMs }, ownBytes);
    return { listing, isKept: this.#pages.set(key.owner, key.page, listing) };
  }

  #listing(key: PageKey, { revision, value, asOfMs }: NewPage, bytes: number): Listing {
    return new Listing(revision, value, asOfMs, bytes, (grown) => {
      if (this.#pages.peek(key.page) !== grown) return;
      // The cache computes the size of an entry only when it is set.
      this.#pages.set(key.owner, key.page, grown);
    });
  }
}

export function serialise(scope: string, value: unknown): string {
  const payload: Payload = { scope, value };
  return JSON.stringify(payload);
}
