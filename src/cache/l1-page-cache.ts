import { Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Listing } from './listing.js';
import type { Counter } from 'prom-client';
import type { PageKey, StoredPage } from './stores/page-store.js';
import { parseJson } from '../util/parse-json.js';

/** A page as it was parsed, and whether its next readers get the same object, unless it has to make room. */
export interface ParsedPage {
  readonly listing: Listing;
  readonly isKept: boolean;
}

/** A page that was parsed, or listed, just now. */
interface NewPage {
  readonly revision: string;
  readonly value: unknown;
  /** When the page was listed, epoch milliseconds. */
  readonly asOfMs: number;
}

interface Payload {
  /** The scope that was listed: checked on the way out, whatever the key says. */
  readonly scope: string;
  readonly value: unknown;
}

/** What a parsed page takes in memory for each character of its text; measured, generously. */
const PARSED_BYTES_PER_CHARACTER = 3;
const ENTRY_BYTES = 300;
/** Pages that were met a moment ago, of which one that is met again is worth its memory. */
const MAX_SEEN_ONCE = 1_000;
/** Times of a list that differ by less are one: they are told by two clocks, in whole milliseconds. */
const SAME_TIME_MS = 1_000;

/**
 * Pages as objects, bounded in bytes. It answers only where the store has just named the revision, so it can never be
 * stale. Pages are kept from the second time on: where more pages are asked for in turn than fit, keeping each for
 * a moment would cost much memory and spare nothing. Of a page that is kept, a payload travels and is parsed once for
 * each revision.
 */
export class L1PageCache {
  readonly #logger = new Logger(L1PageCache.name);
  readonly #pages: LRUCache<string, Listing>;
  readonly #seenOnce = new LRUCache<string, true>({ max: MAX_SEEN_ONCE });

  constructor(
    private readonly maxBytes: number,
    private readonly foreign: Counter,
  ) {
    this.#pages = new LRUCache({ maxSize: maxBytes, sizeCalculation: ({ bytes }) => bytes });
  }

  /** Bytes held, by estimate. */
  get bytes(): number {
    return this.#pages.calculatedSize;
  }

  known(key: PageKey): Listing | undefined {
    return this.#pages.get(key.page);
  }

  /** The value of a stored page; `undefined` if it is not to be trusted or its payload is not at hand. */
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
        msg: 'a page of another scope, or no page at all, was found in the cache and dropped',
      });
      return undefined;
    }
    return this.remember(key, { revision, value: parsed.value, asOfMs }, payload.length);
  }

  remember(key: PageKey, page: NewPage, characters: number): ParsedPage {
    const bytes = ENTRY_BYTES + characters * PARSED_BYTES_PER_CHARACTER;
    const isKept = bytes <= this.maxBytes && (this.#pages.has(key.page) || this.#seenOnce.has(key.page));
    const listing = this.#listing(key, page, bytes);
    if (isKept) this.#pages.set(key.page, listing);
    else this.#seenOnce.set(key.page, true);
    return { listing, isKept };
  }

  /** The page as it is known, so that it is the same for all its readers, unless a clock was set meanwhile. */
  #dated(key: PageKey, known: Listing, asOfMs: number): ParsedPage {
    if (Math.abs(known.asOfMs - asOfMs) < SAME_TIME_MS) return { listing: known, isKept: true };
    const { revision, value, ownBytes } = known;
    const listing = this.#listing(key, { revision, value, asOfMs }, ownBytes);
    this.#pages.set(key.page, listing);
    return { listing, isKept: true };
  }

  #listing(key: PageKey, { revision, value, asOfMs }: NewPage, bytes: number): Listing {
    return new Listing(revision, value, asOfMs, bytes, (grown) => {
      if (this.#pages.peek(key.page) !== grown) return;
      // The size of an entry is taken only when it is new.
      this.#pages.delete(key.page);
      this.#pages.set(key.page, grown);
    });
  }
}

export function serialise(scope: string, value: unknown): string {
  const payload: Payload = { scope, value };
  return JSON.stringify(payload);
}
