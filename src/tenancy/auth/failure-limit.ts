import { LRUCache } from 'lru-cache';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

const FAILURES_PER_MINUTE = 10;
/** Maximum number of counters; beyond it, the oldest are evicted. */
const MAX_COUNTERS = 10_000;

/** Counts authentication failures per address and credentials. Valid credentials are never limited. */
export class FailureLimit {
  readonly #limiter = new RateLimiterMemory({ points: FAILURES_PER_MINUTE, duration: 60 });
  // The limiter itself has no memory limit.
  readonly #counters = new LRUCache<string, true>({
    max: MAX_COUNTERS,
    dispose: (_value, counter, cause) => {
      if (cause === 'evict') void this.#limiter.delete(counter);
    },
  });

  /** Counts one failure. Returns the seconds to wait if there were too many, else `null`. */
  async count(address: string, credentials: string): Promise<number | null> {
    const counter = `${address} ${credentials}`;
    this.#counters.set(counter, true);
    try {
      await this.#limiter.consume(counter);
      return null;
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      return Math.max(1, Math.ceil(refusal.msBeforeNext / 1_000));
    }
  }
}
