import { parseDocument } from 'yaml';
import type { CredentialSource } from '../account.js';
import { YamlReader } from './yaml-reader.js';
import type { TenantLimits } from '../tenant.js';
import { DEFAULT_ACCOUNT, readAccounts, type SecretReaders } from './tenants-file-accounts.js';
import { Claims } from './tenants-file-claims.js';
import { KeyIds, type KeyEntry } from './tenants-file-keys.js';

/** Room for thousands of tenants; parsing more would hold up requests for too long. */
export const MAX_TENANTS_FILE_BYTES = 4 * 1024 * 1024;
const MAX_TENANTS = 10_000;
const MAX_SPACES = 1_000;
const MAX_NUMBERS = 10_000;
const CUST_SPACE_ID = /^[\x21-\x7e]{1,128}$/;

/** What the tenants file says, checked. */
export interface TenantsFile {
  readonly accounts: ReadonlyMap<string, CredentialSource>;
  readonly tenants: readonly TenantEntry[];
}

export interface TenantEntry {
  readonly id: string;
  readonly name: string;
  readonly account: string;
  readonly spaces: ReadonlyMap<string, ReadonlySet<string> | null>;
  readonly limits: TenantLimits;
  readonly apiKeys: readonly KeyEntry[];
}

export interface TenantsFileReaders extends SecretReaders {
  /** Digests that no key may have: those of secrets that everybody knows. */
  readonly refusedDigests: ReadonlySet<string>;
}

export type TenantsFileResult =
  | { readonly file: TenantsFile }
  /** Each fault begins with its path, and holds no value of the file. */
  | { readonly faults: readonly string[] };

/** Reads the tenants file as the contract describes it; either all of it is right or every fault is named. */
export function parseTenantsFile(text: string, readers: TenantsFileReaders): TenantsFileResult {
  const faults: string[] = [];
  const content = parseYaml(text, faults);
  if (faults.length > 0) return { faults };
  const field = new YamlReader(content, '', faults).fields(['accounts', 'tenants']);
  if (field === null) return { faults };
  const accounts = readAccounts(field('accounts'), readers);
  const tenants = readTenants(field('tenants'), accounts, readers);
  return faults.length > 0 ? { faults } : { file: { accounts, tenants } };
}

/** What tenants are called in the file and in tokens. */
export const TENANT_ID = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}$/;

function parseYaml(text: string, faults: string[]): unknown {
  try {
    const document = parseDocument(text, { schema: 'core', stringKeys: true, logLevel: 'error' });
    for (const problem of [...document.errors, ...document.warnings]) {
      // The lines after the first quote the file, and so perhaps a number or a digest.
      faults.push(problem.message.split('\n', 1)[0]?.replace(/:$/, '') ?? problem.code);
    }
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    faults.push(`is no YAML that can be read: ${error instanceof Error ? error.name : 'error'}`);
    return undefined;
  }
}

function readTenants(
  list: YamlReader,
  accounts: ReadonlyMap<string, CredentialSource>,
  readers: TenantsFileReaders,
): TenantEntry[] {
  const ids = new Set<string>();
  const claims = new Claims();
  const keyIds = new KeyIds(readers.refusedDigests);
  return list.items(MAX_TENANTS).flatMap((item, owner) => {
    const field = item.fields(['id', 'name', 'account', 'spaces', 'limits', 'apiKeys']);
    if (field === null) return [];
    const id = field('id').text(TENANT_ID, 'an id of letters, digits, ".", "_", ":", "@" and "-"');
    if (ids.has(id)) field('id').fault('is the id of an earlier tenant too');
    if (id !== '') ids.add(id);
    const account = field('account').absent
      ? DEFAULT_ACCOUNT
      : field('account').text(/^.+$/s, 'the id of an account');
    if (account !== '' && !accounts.has(account)) field('account').fault('names no account of the file');
    return {
      id,
      name: field('name').absent
        ? id
        : field('name').text(/^[^\p{Cc}]{1,200}$/u, 'text of 1 to 200 characters'),
      account,
      spaces: readSpaces(field('spaces'), owner, account, claims),
      limits: readLimits(field('limits')),
      apiKeys: keyIds.read(field('apiKeys')),
    };
  });
}

function readSpaces(
  list: YamlReader,
  owner: number,
  account: string,
  claims: Claims,
): Map<string, ReadonlySet<string> | null> {
  const spaces = new Map<string, ReadonlySet<string> | null>();
  // The list is required but may be empty: a tenant on hold says so, and a forgotten line does not pass for one.
  for (const item of list.items(MAX_SPACES)) {
    const field = item.fields(['custSpaceId', 'businessNumbers']);
    if (field === null) continue;
    const id = field('custSpaceId').text(CUST_SPACE_ID, 'text of 1 to 128 visible ASCII characters');
    const numbers = field('businessNumbers').absent ? null : readNumbers(field('businessNumbers'));
    if (id === '' || account === '') continue;
    if (spaces.has(id)) field('custSpaceId').fault('is an earlier space of this tenant too');
    if (numbers === null) claims.claimEvery(owner, account, id, item);
    for (const [number, at] of numbers ?? []) claims.claim(owner, account, id, number, at);
    spaces.set(id, numbers && new Set(numbers.keys()));
  }
  return spaces;
}

function readNumbers(list: YamlReader): Map<string, YamlReader> {
  const numbers = new Map<string, YamlReader>();
  const items = list.items(MAX_NUMBERS);
  if (Array.isArray(list.value) && list.value.length === 0) {
    list.fault('must name a number; leave it out to mean every number of the space');
  }
  for (const item of items) {
    const number = item.text(/^\d{5,20}$/, 'text of 5 to 20 digits');
    if (numbers.has(number)) item.fault('is named twice');
    if (number !== '') numbers.set(number, item);
  }
  return numbers;
}

function readLimits(limits: YamlReader): TenantLimits {
  const names = ['requestsPerMinute', 'upstreamWeight', 'deletesPerHour'] as const;
  const field = limits.absent ? null : limits.fields(names);
  return {
    requestsPerMinute: field?.('requestsPerMinute').number(600, 1, 1_000_000, 'whole number') ?? 600,
    upstreamWeight: field?.('upstreamWeight').number(1, 0.01, 1_000, 'number') ?? 1,
    deletesPerHour: field?.('deletesPerHour').number(100, 0, 1_000_000, 'whole number') ?? 100,
  };
}
