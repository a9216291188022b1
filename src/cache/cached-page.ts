import type { Listing } from './listing.js';

/** A page as listed upstream, with its cache metadata. */
export interface CachedPage<T> {
  readonly value: T;
  /** When the page was listed upstream, epoch milliseconds. */
  readonly asOfMs: number;
  /** Whether the page is served stale because listing failed or a refresh is in progress. */
  readonly stale: boolean;
  /** Value of the `Cache-Status` header. Source: RFC 9211. */
  readonly cacheStatus: string;
  /** Stays the same object while `value` and `asOfMs` do. `undefined` for a page that no other reader will get. */
  readonly listing: Listing | undefined;
}

const NAME = 'chatgroup-gateway';

export const MISS_STORED = `${NAME}; fwd=miss; stored`;
export const MISS = `${NAME}; fwd=miss`;
export const COLLAPSED = `${NAME}; fwd=miss; collapsed`;
export const BYPASS = `${NAME}; fwd=bypass`;

/** Returns the `Cache-Status` of a hit. The `ttl` is in whole seconds, negative once the page is stale. */
export function hitStatus(freshForMs: number): string {
  return `${NAME}; hit; ttl=${Math.floor(freshForMs / 1000)}`;
}

/** Returns a page that was just listed for this reader. */
export function listedNow<T>(
  value: T,
  sentAtMs: number,
  cacheStatus: string,
  listing?: Listing,
): CachedPage<T> {
  return { value, asOfMs: sentAtMs, stale: false, cacheStatus, listing };
}
