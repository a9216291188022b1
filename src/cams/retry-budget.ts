/** Calls that allow one retry. */
const CALLS_PER_RETRY = 5;
/** Retries saved up by calls that needed none. */
const MOST_SAVED = 10;

/** Keeps retries to a fifth of all calls: when CAMS fails, more calls would not help it. */
export class RetryBudget {
  /** Calls that are not used up by retries yet. */
  #calls = MOST_SAVED * CALLS_PER_RETRY;

  /** Counts the first attempt of a call. */
  noteCall(): void {
    this.#calls = Math.min(MOST_SAVED * CALLS_PER_RETRY, this.#calls + 1);
  }

  /** Returns whether a call may be sent again, and counts that. */
  take(): boolean {
    if (this.#calls < CALLS_PER_RETRY) return false;
    this.#calls -= CALLS_PER_RETRY;
    return true;
  }
}
