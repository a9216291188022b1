import type { Listing } from './listing.js';

/** A page as it was listed upstream, and what the cache knows of it. */
export interface CachedPage<T> {
  readonly value: T;
  /** When the page was listed upstream, epoch milliseconds. */
  readonly asOfMs: number;
  /** Whether it stands in for a list that failed or is being refreshed. */
  readonly stale: boolean;
  /** Value of the `Cache-Status` header. Source: RFC 9211. */
  readonly cacheStatus: string;
  /** The same object as long as `value` and `asOfMs` are; none for a list that no other reader will see. */
  readonly listing: Listing | undefined;
}

const NAME = 'chatgroup-gateway';

export const MISS_STORED = `${NAME}; fwd=miss; stored`;
export const MISS = `${NAME}; fwd=miss`;
export const COLLAPSED = `${NAME}; fwd=miss; collapsed`;
export const BYPASS = `${NAME}; fwd=bypass`;

/** A hit with the whole seconds that it stays fresh; negative once it is stale. */
export function hitStatus(freshForMs: number): string {
  return `${NAME}; hit; ttl=${Math.floor(freshForMs / 1000)}`;
}

/** A page that was listed just now, for this reader. */
export function listedNow<T>(
  value: T,
  sentAtMs: number,
  cacheStatus: string,
  listing?: Listing,
): CachedPage<T> {
  return { value, asOfMs: sentAtMs, stale: false, cacheStatus, listing };
}
