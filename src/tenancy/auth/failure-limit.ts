import { LRUCache } from 'lru-cache';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

const FAILURES_PER_MINUTE = 10;
/** Counters kept; whoever makes more of them only pushes out the oldest. */
const MAX_COUNTERS = 10_000;

/** Counts failures by whom they come from and which credentials they try. It never judges credentials that are right. */
export class FailureLimit {
  readonly #limiter = new RateLimiterMemory({ points: FAILURES_PER_MINUTE, duration: 60 });
  // The limiter itself would remember without bound.
  readonly #counters = new LRUCache<string, true>({
    max: MAX_COUNTERS,
    dispose: (_value, counter, cause) => {
      if (cause === 'evict') void this.#limiter.delete(counter);
    },
  });

  /** Counts one failure; returns the seconds to wait once there were too many, else `null`. */
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
