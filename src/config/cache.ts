import type { EnvReader } from './env-reader.js';

// No page may outlive the 24 h for which a scope's generation is kept.
const MAX_PAGE_LIFE_MS = 43_200_000;

/** The coherent page cache; ages in ms since the page was listed upstream. */
export interface CacheSettings {
  /** Whether a write goes on when the cache cannot be told of it, or is refused. */
  readonly coherence: 'available' | 'strict';
  readonly freshMs: number;
  readonly staleWhileRevalidateMs: number;
  readonly staleIfErrorMs: number;
  /** For how long after a write nothing is stored. */
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
