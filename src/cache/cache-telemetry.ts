import type { Counter } from 'prom-client';
import { type BypassReason, CACHE_OUTCOMES, type Metrics } from '../telemetry/metrics.js';
import type { CachedPage, PageOutcome } from './cached-page.js';

type Counted = PageOutcome | 'stale' | 'failed';

/** Counts reads of pages and writes by what the cache did for them. */
export class CacheTelemetry {
  /** Looking up the labels each time would cost more than counting. */
  readonly #reads: Readonly<Record<Counted, Counter.Internal>>;

  constructor(private readonly metrics: Metrics) {
    const counters = CACHE_OUTCOMES.map(
      (outcome) => [outcome, metrics.cacheReads.labels({ outcome })] as const,
    );
    this.#reads = Object.fromEntries(counters) as Record<Counted, Counter.Internal>;
  }

  /** `bypass`: why the read did not use the cache, if it did not. */
  read({ stale, outcome }: CachedPage<unknown>, bypass: BypassReason | undefined): void {
    this.#reads[stale ? 'stale' : outcome].inc();
    // A page for stale-if-error may replace a list that failed.
    if (bypass !== undefined && !stale) this.metrics.cacheBypasses.inc({ reason: bypass });
  }

  readFailed(): void {
    this.#reads.failed.inc();
  }

  written(coherence: 'coherent' | 'bounded' | 'refused'): void {
    this.metrics.writesEnded.inc({ coherence });
  }

  /** `scopes`: those with writes that the store has not confirmed. */
  unconfirmed(scopes: number): void {
    this.metrics.unconfirmedScopes.set(scopes);
  }
}
