import type { Allowance } from './account-pace.js';
import type { Overload } from './overload.js';

/** Releases a permit. Idempotent. */
export type Release = () => void;

/** A call that waits for its permit. */
export interface Waiter {
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly grant: (release: Release) => void;
  readonly reject: (reason: Overload) => void;
  /** Ends its timer and the like. */
  stopWaiting: () => void;
}

/** The calls of one tenant. */
export interface TenantQueue {
  readonly waiters: Waiter[];
  weight: number;
  underWay: number;
  /** When the latest permit was granted. */
  grantedAtMs: number;
}

/** The calls of one account. */
export interface AccountQueue {
  readonly id: string;
  /** Limited by the tenants file, like the accounts. */
  readonly tenants: Map<string, TenantQueue>;
  waiting: number;
  underWay: number;
  /** Whether the pace was asked which calls may start, and has not answered. */
  isAsking: boolean;
  /** When to ask it again. */
  askAtMs: number;
  /** Its latest answer. */
  allowance: Allowance | undefined;
}
