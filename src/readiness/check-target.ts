import type { Account } from '../tenancy/account.js';
import type { Tenant } from '../tenancy/tenant.js';

/** What to call CAMS with to check an account. */
export type CheckTarget =
  /** The first number that the tenants file names for the account. */
  | {
      readonly kind: 'number';
      readonly account: Account;
      readonly tenantId: string;
      readonly custSpaceId: string;
      readonly businessNumber: string;
    }
  /** CAMS cannot be called without a number. */
  | { readonly kind: 'no-number' | 'no-tenant'; readonly account: Account };

/**
 * Returns the target of each account, by ID. The implicit account `default` is left out if only other accounts have
 * tenants: nothing is called with it.
 */
export function checkTargets(
  accounts: ReadonlyMap<string, Account>,
  tenants: Iterable<Tenant>,
): ReadonlyMap<string, CheckTarget> {
  const targets = new Map<string, CheckTarget>();
  for (const tenant of tenants) {
    const { account } = tenant;
    if (targets.get(account.id)?.kind === 'number') continue;
    targets.set(account.id, firstNumber(tenant) ?? { kind: 'no-number', account });
  }
  const isUsed = targets.size > 0;
  for (const account of accounts.values()) {
    if (targets.has(account.id) || (account.id === IMPLICIT_ACCOUNT && isUsed)) continue;
    targets.set(account.id, { kind: 'no-tenant', account });
  }
  return targets;
}

/** Exists even if the tenants file does not list it. */
const IMPLICIT_ACCOUNT = 'default';

function firstNumber({ id, account, spaces }: Tenant): CheckTarget | undefined {
  for (const [custSpaceId, numbers] of spaces) {
    const [businessNumber] = numbers ?? [];
    if (businessNumber !== undefined)
      return { kind: 'number', account, tenantId: id, custSpaceId, businessNumber };
  }
  return undefined;
}

/** Whether both would be checked in the same way. */
export function isSameTarget(a: CheckTarget, b: CheckTarget): boolean {
  if (a.account !== b.account) return false;
  if (a.kind !== 'number' || b.kind !== 'number') return a.kind === b.kind;
  return (
    a.tenantId === b.tenantId && a.custSpaceId === b.custSpaceId && a.businessNumber === b.businessNumber
  );
}
