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

export function emptyAccountQueue(id: string): AccountQueue {
  const askAtMs = Number.NEGATIVE_INFINITY;
  return { id, tenants: new Map(), waiting: 0, underWay: 0, isAsking: false, askAtMs, allowance: undefined };
}

/** Returns the queue of a tenant, and creates it on first use. */
export function tenantQueueOf({ tenants }: AccountQueue, id: string): TenantQueue {
  let tenant = tenants.get(id);
  if (tenant === undefined) {
    tenant = { waiters: [], weight: 1, underWay: 0, grantedAtMs: Number.NEGATIVE_INFINITY };
    tenants.set(id, tenant);
  }
  return tenant;
}

/** Returns since when the first call has waited; infinity without one. */
export function waitsSinceMs({ waiters }: TenantQueue): number {
  return waiters[0]?.sinceMs ?? Number.POSITIVE_INFINITY;
}
