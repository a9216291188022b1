import { CircuitState, type IBreaker } from 'cockatiel';

interface Bucket {
  /** When it began, in parts of {@link PART_MS}. */
  readonly at: number;
  failures: number;
  successes: number;
}

const PART_MS = 200;
/** Two seconds: after a longer healthy time, failures would be outnumbered for too long. */
const PARTS = 10;

/**
 * Breaks if more than half of the calls that ended in the past two seconds have failed, and there were enough of them. The
 * library's own sample has no end in time: it would still count failures of hours ago for an account that is called rarely.
 */
export class RecentFailures implements IBreaker {
  readonly #buckets = Array.from({ length: PARTS }, () => empty(Number.NEGATIVE_INFINITY));

  constructor(private readonly leastCalls: number) {}

  /** Required by the library, for saving a breaker. */
  get state(): unknown {
    return this.#buckets;
  }

  success(state: CircuitState): void {
    if (state === CircuitState.HalfOpen) this.#buckets.fill(empty(Number.NEGATIVE_INFINITY));
    this.#currentBucket().successes += 1;
  }

  failure(state: CircuitState): boolean {
    this.#currentBucket().failures += 1;
    if (state !== CircuitState.Closed) return true;
    const since = currentPart() - PARTS;
    let failures = 0;
    let calls = 0;
    for (const bucket of this.#buckets) {
      if (bucket.at <= since) continue;
      failures += bucket.failures;
      calls += bucket.failures + bucket.successes;
    }
    return calls >= this.leastCalls && failures > calls / 2;
  }

  #currentBucket(): Bucket {
    const at = currentPart();
    const index = at % PARTS;
    const bucket = this.#buckets[index];
    if (bucket?.at === at) return bucket;
    return (this.#buckets[index] = empty(at));
  }
}

function empty(at: number): Bucket {
  return { at, failures: 0, successes: 0 };
}

function currentPart(): number {
  return Math.floor(performance.now() / PART_MS);
}
