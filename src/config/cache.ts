import type { EnvReader } from './env-reader.js';

// A page must not outlive the 24 h for which a scope's generation is stored.
const MAX_PAGE_LIFE_MS = 43_200_000;

/** Settings of the coherent page cache. Ages are in ms since the page was listed upstream. */
export interface CacheSettings {
  /** Whether a write proceeds (`available`) or is rejected (`strict`) if the cache cannot be invalidated. */
  readonly coherence: 'available' | 'strict';
  readonly freshMs: number;
  readonly staleWhileRevalidateMs: number;
  readonly staleIfErrorMs: number;
  /** How long nothing is cached after a write. */
  readonly settleMs: number;
}

export function readCache(read: EnvReader): CacheSettings {
  return {
    coherence: read.oneOf('COHERENCE', ['available', 'strict'] as const, 'available'),
    freshMs: read.integer('CACHE_FRESH_MS', 15_000, 0, MAX_PAGE_LIFE_MS),
    staleWhileRevalidateMs: read.integer('CACHE_STALE_WHILE_REVALIDATE_MS', 60_000, 0, MAX_PAGE_LIFE_MS),
    staleIfErrorMs: read.integer('CACHE_STALE_IF_ERROR_MS', 600_000, 0, MAX_PAGE_LIFE_MS),
    settleMs: read.integer('CACHE_SETTLE_MS', 5_000, 0, 600_000),
  };
}
