/** Who is no longer in the tenants file, by ID. */
export interface RemovedTenants {
  readonly tenants: readonly string[];
  readonly accounts: readonly string[];
  /** Tenants and the accounts that they have left, because they were removed or now use another account. */
  readonly memberships: readonly Membership[];
}

export interface Membership {
  readonly account: string;
  readonly tenant: string;
}

/**
 * Implement it in every provider that keeps state by tenant or account, for as long as they exist: Nest's discovery finds it.
 * It is called once none of their requests can be running, or when they are back, so that they start afresh. In that case,
 * requests from before may still be running, and must be able to end.
 */
export interface OnTenantsRemoved {
  onTenantsRemoved(removed: RemovedTenants): void;
}
