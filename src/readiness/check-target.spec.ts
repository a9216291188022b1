import { describe, expect, it } from '@jest/globals';
import { Account } from '../tenancy/account.js';
import type { Tenant } from '../tenancy/tenant.js';
import { checkTargets } from './check-target.js';

const account = new Account('default', { kind: 'chain' });
const other = new Account('other', { kind: 'chain' });
const accounts = new Map([account, other].map((one) => [one.id, one]));
const limits = {
  requestsPerMinute: 600,
  upstreamWeight: 1,
  deletesPerHour: 100,
  stateRecords: 1_000,
  concurrentRequests: 50,
};

function tenant(id: string, of: Account, spaces: Record<string, readonly string[] | null>): Tenant {
  const entries = Object.entries(spaces).map(
    ([space, numbers]) => [space, numbers && new Set(numbers)] as const,
  );
  return { id, name: id, account: of, spaces: new Map(entries), limits };
}

const kinds = (of: ReadonlyMap<string, Account>, ...tenants: Tenant[]): unknown =>
  Object.fromEntries([...checkTargets(of, tenants)].map(([id, { kind }]) => [id, kind]));

describe('the target of a check', () => {
  it('is the first number that the tenants file names for the account', () => {
    const targets = checkTargets(accounts, [
      tenant('none', account, {}),
      tenant('others', other, { x: ['11111'] }),
      tenant('all', account, { every: null, named: ['33333', '22222'] }),
      ...Array.from({ length: 5_000 }, (_, index) =>
        tenant(`t${index}`, account, { [`s${index}`]: ['44444'] }),
      ),
    ]);
    expect(targets.get('default')).toEqual({
      kind: 'number',
      account,
      tenantId: 'all',
      custSpaceId: 'named',
      businessNumber: '33333',
    });
    expect(targets.get('other')).toMatchObject({ tenantId: 'others', businessNumber: '11111' });
    expect(targets.size).toBe(2);
  });

  it('is missing if no number is named, or no tenant uses the account', () => {
    const onlyDefault = new Map([['default', account]]);
    expect(kinds(onlyDefault)).toEqual({ default: 'no-tenant' });
    expect(kinds(onlyDefault, tenant('a', account, {}))).toEqual({ default: 'no-number' });
    expect(kinds(accounts, tenant('a', account, { every: null }))).toEqual({
      default: 'no-number',
      other: 'no-tenant',
    });
  });

  it('does not exist for the implicit account if only other accounts are used', () => {
    expect(kinds(accounts, tenant('a', other, { every: null }))).toEqual({ other: 'no-number' });
    expect(kinds(accounts)).toEqual({ default: 'no-tenant', other: 'no-tenant' });
  });
});
