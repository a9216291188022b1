import type { Listing } from './listing.js';

/** Where a page came from. */
export type PageOutcome = 'hit' | 'miss' | 'collapsed' | 'bypass';

/** How a read was answered, for metrics and for the header `Cache-Status`. */
interface Answered {
  readonly outcome: PageOutcome;
  /** Value of the `Cache-Status` header. Source: RFC 9211. */
  readonly cacheStatus: string;
}

/** A page as listed upstream, with its cache metadata. */
export interface CachedPage<T> extends Answered {
  readonly value: T;
  /** When the page was listed upstream, epoch milliseconds. */
  readonly asOfMs: number;
  /** Whether the page is served stale because listing failed or a refresh is in progress. */
  readonly stale: boolean;
  /** Stays the same object while `value` and `asOfMs` do. `undefined` for a page that no other reader will get. */
  readonly listing: Listing | undefined;
}

const NAME = 'chatgroup-gateway';

export const MISS_STORED: Answered = { outcome: 'miss', cacheStatus: `${NAME}; fwd=miss; stored` };
export const MISS: Answered = { outcome: 'miss', cacheStatus: `${NAME}; fwd=miss` };
export const COLLAPSED: Answered = { outcome: 'collapsed', cacheStatus: `${NAME}; fwd=miss; collapsed` };
export const BYPASS: Answered = { outcome: 'bypass', cacheStatus: `${NAME}; fwd=bypass` };

/** The `ttl` is in whole seconds, negative once the page is stale. */
export function hit(freshForMs: number): Answered {
  return { outcome: 'hit', cacheStatus: `${NAME}; hit; ttl=${Math.floor(freshForMs / 1000)}` };
}

/** Returns a page that was just listed for this reader. */
export function listedNow<T>(
  value: T,
  sentAtMs: number,
  answered: Answered,
  listing?: Listing,
): CachedPage<T> {
  return { value, asOfMs: sentAtMs, stale: false, ...answered, listing };
}
