/** What remains of the rate each time CAMS throttles the account. */
export const SLOW_DOWN = 0.8;
/** Calls that are sent together are throttled together, and slow the account down once. */
export const SLOW_DOWN_ONCE_MS = 1_000;
/** Part of the full rate by which a lowered rate grows per second. */
export const GROWTH = 0.005;
/** Lowest rate, per second. */
export const LEAST_PER_SECOND = 1;
/** Longest time that the calls of an account wait because CAMS asked for it. */
const LONGEST_PAUSE_MS = 60_000;

/** Returns how long to send nothing after CAMS throttled a call and asked to wait, in ms. */
export function pauseMs(retryAfterSeconds: number | undefined): number {
  return Math.min(LONGEST_PAUSE_MS, (retryAfterSeconds ?? 0) * 1_000);
}

/** The rate of one account: that of the settings, and less after CAMS throttled it, from where it grows steadily. */
export class AdaptiveRate {
  #perSecond: number;
  #changedAtMs = 0;
  #slowedAtMs = Number.NEGATIVE_INFINITY;
  /** Until when CAMS asked to send nothing. */
  pausedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly most: number) {
    this.#perSecond = most;
  }

  /** Returns the present rate, in calls per second. */
  perSecond(nowMs: number): number {
    const grownBy = ((nowMs - this.#changedAtMs) / 1_000) * this.most * GROWTH;
    return Math.min(this.most, this.#perSecond + grownBy);
  }

  /** Call it when CAMS throttled a call. */
  throttled(nowMs: number, forMs: number): void {
    this.pausedUntilMs = Math.max(this.pausedUntilMs, nowMs + forMs);
    if (nowMs - this.#slowedAtMs < SLOW_DOWN_ONCE_MS) return;
    this.#perSecond = Math.max(LEAST_PER_SECOND, this.perSecond(nowMs) * SLOW_DOWN);
    this.#changedAtMs = nowMs;
    this.#slowedAtMs = nowMs;
  }
}
