import type { RemovedTenants } from '../util/removed-tenants.js';
import type { Sender } from './call-breaker.js';

/** Calls that allow one retry. */
const CALLS_PER_RETRY = 5;
/** Retries saved up by calls that needed none. */
const MOST_SAVED = 10;

/**
 * Keeps retries to a fifth of all calls of each tenant of an account: when CAMS fails, more calls would not help it, and a
 * tenant whose calls fail must not use up the retries of others.
 */
export class RetryBudget {
  /** Calls of each tenant of an account that are not used up by retries yet. */
  readonly #calls = new Map<string, number>();

  /** Counts the first attempt of a call. */
  noteCall(sender: Sender): void {
    this.#calls.set(keyOf(sender), Math.min(MOST_SAVED * CALLS_PER_RETRY, this.#callsOf(sender) + 1));
  }

  /** Returns whether a call may be sent again, and counts that. */
  take(sender: Sender): boolean {
    const calls = this.#callsOf(sender);
    if (calls < CALLS_PER_RETRY) return false;
    this.#calls.set(keyOf(sender), calls - CALLS_PER_RETRY);
    return true;
  }

  forget({ memberships }: RemovedTenants): void {
    for (const { account, tenant } of memberships)
      this.#calls.delete(keyOf({ account: { id: account }, tenant: { id: tenant } }));
  }

  #callsOf(sender: Sender): number {
    return this.#calls.get(keyOf(sender)) ?? MOST_SAVED * CALLS_PER_RETRY;
  }
}

function keyOf({ account, tenant }: Sender): string {
  return JSON.stringify([account.id, tenant.id]);
}
