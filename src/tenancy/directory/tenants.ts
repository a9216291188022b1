import { isDeepStrictEqual } from 'node:util';
import type { SlicedWork } from '../../util/slices.js';
import { Account } from '../account.js';
import type { Permission } from '../permissions.js';
import type { Tenant } from '../tenant.js';
import type { TenantEntry } from './tenant-entries.js';
import type { TenantsFile } from './tenants-file.js';

/** An API key granted by the tenants file. Only its holder knows the key itself. */
export interface ApiKeyRecord {
  readonly id: string;
  readonly tenant: Tenant;
  readonly digest: Buffer;
  readonly permissions: ReadonlySet<Permission>;
  readonly expiresAtMs: number | null;
}

/** What the tenants file says of a tenant, and what is made of it. */
interface Known {
  readonly entry: TenantEntry;
  readonly tenant: Tenant;
  readonly keys: readonly ApiKeyRecord[];
}

/** A snapshot of the tenants file, indexed for lookups. */
export interface Tenants {
  readonly byId: ReadonlyMap<string, Known>;
  readonly keys: ReadonlyMap<string, ApiKeyRecord>;
  readonly accounts: ReadonlyMap<string, Account>;
}

export const NO_TENANTS: Tenants = { byId: new Map(), keys: new Map(), accounts: new Map() };

/** Tenants are compared this many at a time. */
const PER_PAUSE = 10;

/**
 * Indexes the file for lookups. What has not changed stays the same objects: accounts, whose clients are then reused, and
 * tenants. Returns `previous` itself if nothing has changed, credentials included.
 */
export function* buildTenants(file: TenantsFile, previous: Tenants): SlicedWork<Tenants> {
  const accounts = new Map<string, Account>();
  for (const [id, source] of file.accounts) {
    const known = previous.accounts.get(id);
    const unchanged = known !== undefined && isDeepStrictEqual(known.credentials, source);
    accounts.set(id, unchanged ? known : new Account(id, source));
  }
  const byId = new Map<string, Known>();
  const keys = new Map<string, ApiKeyRecord>();
  for (const [index, entry] of file.tenants.entries()) {
    if (index % PER_PAUSE === PER_PAUSE - 1) yield;
    const account = accounts.get(entry.account);
    if (account === undefined) throw new Error(`Tenant ${entry.id} has no account`);
    const before = previous.byId.get(entry.id);
    const unchanged = before?.tenant.account === account && isSameEntry(before.entry, entry);
    const known = unchanged ? before : build(entry, account);
    byId.set(entry.id, known);
    for (const key of known.keys) keys.set(key.id, key);
  }
  const isSame = isSameMap(accounts, previous.accounts) && isSameMap(byId, previous.byId);
  return isSame ? previous : { byId, keys, accounts };
}

function build(entry: TenantEntry, account: Account): Known {
  const { id, name, spaces, limits, apiKeys } = entry;
  const tenant: Tenant = { id, name, account, spaces, limits };
  return { entry, tenant, keys: apiKeys.map((key) => ({ ...key, tenant })) };
}

/** Also compares the order of spaces and numbers, which callers see. */
function isSameEntry(a: TenantEntry, b: TenantEntry): boolean {
  return isDeepStrictEqual(inOrder(a), inOrder(b));
}

function inOrder({ spaces, ...others }: TenantEntry) {
  return { ...others, spaces: [...spaces].map(([id, numbers]) => [id, numbers && [...numbers]]) };
}

/** Also compares the order: account checks use the first tenant of an account. */
function isSameMap<T>(map: ReadonlyMap<string, T>, other: ReadonlyMap<string, T>): boolean {
  if (map.size !== other.size) return false;
  const others = other.values();
  for (const value of map.values()) if (value !== others.next().value) return false;
  return true;
}
