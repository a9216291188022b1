import type { RemovedTenants } from '../util/removed-tenants.js';

/** Calls that allow one retry. */
const CALLS_PER_RETRY = 5;
/** Retries saved up by calls that needed none. */
const MOST_SAVED = 10;

/** Keeps retries to a fifth of all calls of an account: when CAMS fails, more calls would not help it. */
export class RetryBudget {
  /** Calls of each account that are not used up by retries yet. */
  readonly #calls = new Map<string, number>();

  /** Counts the first attempt of a call. */
  noteCall(accountId: string): void {
    this.#calls.set(accountId, Math.min(MOST_SAVED * CALLS_PER_RETRY, this.#callsOf(accountId) + 1));
  }

  /** Returns whether a call may be sent again, and counts that. */
  take(accountId: string): boolean {
    const calls = this.#callsOf(accountId);
    if (calls < CALLS_PER_RETRY) return false;
    this.#calls.set(accountId, calls - CALLS_PER_RETRY);
    return true;
  }

  forget({ accounts }: RemovedTenants): void {
    for (const id of accounts) this.#calls.delete(id);
  }

  #callsOf(accountId: string): number {
    return this.#calls.get(accountId) ?? MOST_SAVED * CALLS_PER_RETRY;
  }
}
