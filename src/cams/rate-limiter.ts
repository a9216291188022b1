const WINDOW_MS = 1_000;

/**
 * Never more than `perSecond` starts in any second, and after a burst of half of them an even spacing: whoever
 * arrives during a rush waits for a moment rather than for the next second.
 */
export class RateLimiter {
  /** The latest `perSecond` starts; the oldest of them is where the next one is written. */
  readonly #starts: Float64Array;
  readonly #spacingMs: number;
  readonly #toleranceMs: number;
  #oldest = 0;
  /** When the next start would be due if all were evenly spaced. */
  #dueMs = Number.NEGATIVE_INFINITY;

  constructor(perSecond: number) {
    if (!Number.isInteger(perSecond) || perSecond < 1) throw new RangeError(`perSecond is ${perSecond}`);
    this.#starts = new Float64Array(perSecond).fill(Number.NEGATIVE_INFINITY);
    this.#spacingMs = WINDOW_MS / perSecond;
    this.#toleranceMs = (Math.ceil(perSecond / 2) - 1) * this.#spacingMs;
  }

  /** How long from now the next start has to wait; 0: it may go. */
  waitMs(nowMs: number): number {
    const windowOpensMs = (this.#starts[this.#oldest] ?? Number.NEGATIVE_INFINITY) + WINDOW_MS;
    return Math.max(0, windowOpensMs - nowMs, this.#dueMs - this.#toleranceMs - nowMs);
  }

  /** Notes a start. */
  take(nowMs: number): void {
    this.#starts[this.#oldest] = nowMs;
    this.#oldest = (this.#oldest + 1) % this.#starts.length;
    this.#dueMs = Math.max(this.#dueMs, nowMs) + this.#spacingMs;
  }
}
