import type { MaybePromise } from '../../util/maybe-promise.js';

/** The pace of the process, or of all replicas if they share a state Redis. */
export const ACCOUNT_PACE = Symbol('ACCOUNT_PACE');

/** Calls of one tenant that could start now. */
export interface Demand {
  readonly tenant: string;
  /** Its share under contention, relative to those of other tenants (`upstreamWeight`). */
  readonly weight: number;
  readonly calls: number;
}

/** Which calls of an account may start. */
export interface Allowance {
  /** The tenant of each call that may start now, in order; at most as many as were demanded. */
  readonly starts: readonly string[];
  /** How long to wait before asking for the calls that are left, in ms. More than 0 if none may start. */
  readonly waitMs: number;
  /** The rate that this process can expect, in calls per second. */
  readonly perSecond: number;
  /** Whether CAMS has throttled the account, and its rate has not recovered yet. */
  readonly isSlowed: boolean;
}

/** Decides when calls of an account may start: no faster than its rate, and in turn by weight between its tenants. */
export interface AccountPace {
  /** Never rejects. `nowMs` is a reading of `performance.now()`. */
  next(account: string, demands: readonly Demand[], nowMs: number): MaybePromise<Allowance>;
  /** Call it when CAMS throttled a call of the account, and asked for a pause of `forMs`. */
  throttled(account: string, forMs: number, nowMs: number): void;
}
