/** IDs that the tenants file no longer contains. */
export interface RemovedTenants {
  readonly tenants: readonly string[];
  readonly accounts: readonly string[];
  /** Each tenant that was removed or moved to another account, with the account that it used before. */
  readonly memberships: readonly Membership[];
}

export interface Membership {
  readonly account: string;
  readonly tenant: string;
}

/**
 * Implement this in every provider that keeps state by tenant or account; Nest's discovery finds it. It is called once none of
 * their requests can be running, or as soon as they are added again. In the latter case, earlier requests may still be running
 * and must be able to end.
 */
export interface OnTenantsRemoved {
  onTenantsRemoved(removed: RemovedTenants): void;
}
