import type { Account } from './account.js';

/** A customer of the gateway's operator, as defined in the tenants file. */
export interface Tenant {
  readonly id: string;
  readonly name: string;
  readonly account: Account;
  /** CustSpaceId → its numbers, or `null` for every number of the space. */
  readonly spaces: ReadonlyMap<string, ReadonlySet<string> | null>;
  readonly limits: TenantLimits;
}

export interface TenantLimits {
  readonly requestsPerMinute: number;
  /** Share of the account's upstream calls relative to other tenants under contention. */
  readonly upstreamWeight: number;
  readonly deletesPerHour: number;
  /** Records in the state store at a time: outcomes of writes with a key, create operations, and the like. */
  readonly stateRecords: number;
  /** Requests in flight in each process. Many calls or a large response count as several. */
  readonly concurrentRequests: number;
}
