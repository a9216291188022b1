const WINDOW_MS = 1_000;

/**
 * Allows at most `perSecond` starts in any second. After a burst of half of them, starts are evenly spaced: under load,
 * a call then waits briefly rather than until the next second. The rate may change between calls, up to `most`.
 */
export class RateLimiter {
  /** Ring buffer of the latest starts. */
  readonly #starts: Float64Array;
  #next = 0;
  /** When the next start would be due if all were evenly spaced. */
  #dueMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly most: number) {
    if (!Number.isInteger(most) || most < 1) throw new RangeError(`perSecond is ${most}`);
    this.#starts = new Float64Array(most).fill(Number.NEGATIVE_INFINITY);
  }

  /** Returns how long the next start must wait, in ms; 0 if it may start now. `burst` is that of {@link burstMs}, or none. */
  waitMs(nowMs: number, perSecond = this.most, burst = burstMs(perSecond)): number {
    const inASecond = Math.min(this.most, Math.max(1, Math.ceil(perSecond)));
    const first = (this.#next - inASecond + this.most) % this.most;
    const windowOpensMs = (this.#starts[first] ?? Number.NEGATIVE_INFINITY) + WINDOW_MS;
    return Math.max(0, windowOpensMs - nowMs, this.#dueMs - burst - nowMs);
  }

  /** Records a start. */
  take(nowMs: number, perSecond = this.most): void {
    this.#starts[this.#next] = nowMs;
    this.#next = (this.#next + 1) % this.most;
    this.#dueMs = Math.max(this.#dueMs, nowMs) + WINDOW_MS / perSecond;
  }
}

/** Returns by how much starts may be early: half a second's calls may start at once. */
export function burstMs(perSecond: number): number {
  return ((Math.ceil(perSecond / 2) - 1) * WINDOW_MS) / perSecond;
}
