import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { Account } from '../account.js';
import type { Permission } from '../permissions.js';
import type { Tenant } from '../tenant.js';
import type { TenantEntry, TenantsFile } from './tenants-file.js';

/** An API key granted by the tenants file. Only its holder knows the key itself. */
export interface ApiKeyRecord {
  readonly id: string;
  readonly tenant: Tenant;
  readonly digest: Buffer;
  readonly permissions: ReadonlySet<Permission>;
  readonly expiresAtMs: number | null;
}

/** A snapshot of the tenants file, indexed for lookups. */
export interface Tenants {
  readonly byId: ReadonlyMap<string, Tenant>;
  readonly keys: ReadonlyMap<string, ApiKeyRecord>;
  readonly accounts: ReadonlyMap<string, Account>;
  /** Equal for equal content, credentials included. */
  readonly fingerprint: string;
}

export const NO_TENANTS: Tenants = {
  byId: new Map(),
  keys: new Map(),
  accounts: new Map(),
  fingerprint: '',
};

/** Indexes the file for lookups. Accounts with unchanged credentials stay the same objects, to reuse their clients. */
export function buildTenants(file: TenantsFile, previous: Tenants): Tenants {
  const accounts = new Map<string, Account>();
  for (const [id, source] of file.accounts) {
    const known = previous.accounts.get(id);
    const unchanged = known !== undefined && isDeepStrictEqual(known.credentials, source);
    accounts.set(id, unchanged ? known : new Account(id, source));
  }
  const byId = new Map<string, Tenant>();
  const keys = new Map<string, ApiKeyRecord>();
  for (const entry of file.tenants) {
    const tenant = buildTenant(entry, accounts);
    byId.set(tenant.id, tenant);
    for (const { digest, ...key } of entry.apiKeys) {
      keys.set(key.id, { ...key, tenant, digest: Buffer.from(digest, 'hex') });
    }
  }
  return { byId, keys, accounts, fingerprint: fingerprint(file) };
}

function buildTenant(entry: TenantEntry, accounts: ReadonlyMap<string, Account>): Tenant {
  const { id, name, spaces, limits } = entry;
  const account = accounts.get(entry.account);
  if (account === undefined) throw new Error(`Tenant ${id} has no account`);
  return { id, name, account, spaces, limits };
}

function fingerprint(file: TenantsFile): string {
  const text = JSON.stringify(file, (_key, value: unknown) =>
    value instanceof Map || value instanceof Set ? [...value] : value,
  );
  return hash('sha256', text);
}
