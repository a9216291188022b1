const WINDOW_MS = 1_000;

/**
 * Allows at most `perSecond` starts in any second. After a burst of half of them, starts are evenly spaced: under load,
 * a call then waits briefly rather than until the next second.
 */
export class RateLimiter {
  /** Ring buffer of the latest `perSecond` starts. The next one replaces the oldest. */
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

  /** Returns how long the next start must wait, in ms; 0 if it may start now. */
  waitMs(nowMs: number): number {
    const windowOpensMs = (this.#starts[this.#oldest] ?? Number.NEGATIVE_INFINITY) + WINDOW_MS;
    return Math.max(0, windowOpensMs - nowMs, this.#dueMs - this.#toleranceMs - nowMs);
  }

  /** Records a start. */
  take(nowMs: number): void {
    this.#starts[this.#oldest] = nowMs;
    this.#oldest = (this.#oldest + 1) % this.#starts.length;
    this.#dueMs = Math.max(this.#dueMs, nowMs) + this.#spacingMs;
  }
}
