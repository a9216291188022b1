import type { CredentialSource } from '../account.js';
import type { TenantLimits } from '../tenant.js';
import { FaultList } from './fault-list.js';
import { DEFAULT_ACCOUNT, readAccounts, type SecretReaders } from './tenants-file-accounts.js';
import { Claims } from './tenants-file-claims.js';
import { KeyIds, type KeyEntry } from './tenants-file-keys.js';
import { Places } from './tenants-file-places.js';
import { parseYaml } from './yaml-content.js';
import { type YamlFault, YamlReader } from './yaml-reader.js';

/** Enough for thousands of tenants. Parsing a larger file would block requests for too long. */
export const MAX_TENANTS_FILE_BYTES = 4 * 1024 * 1024;
const MAX_TENANTS = 10_000;
const MAX_SPACES = 1_000;
const MAX_NUMBERS = 10_000;
const CUST_SPACE_ID = /^[\x21-\x7e]{1,128}$/;

/** The validated content of the tenants file. */
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
  /** Digests of publicly known secrets, which no key may have. */
  readonly refusedDigests: ReadonlySet<string>;
}

export type TenantsFileResult =
  | { readonly file: TenantsFile }
  /**
   * Each fault names its line, its tenant or account, and its field, and contains no other value from the file. If there
   * are many, the last line says how many more there are.
   */
  | { readonly faults: readonly string[] };

/** Parses and validates the tenants file. Returns either its content or its faults. */
export function parseTenantsFile(text: string, readers: TenantsFileReaders): TenantsFileResult {
  const content = parseYaml(text);
  if ('problems' in content) return { faults: content.problems };
  const faults = new FaultList<YamlFault>();
  const file = readFile(new YamlReader(content.value, faults), readers);
  if (file !== null && faults.isEmpty) return { file };
  const places = new Places(text, content);
  return { faults: faults.describe((fault) => places.describe(fault)) };
}

function readFile(root: YamlReader, readers: TenantsFileReaders): TenantsFile | null {
  const field = root.fields(['accounts', 'tenants']);
  if (field === null) return null;
  const accounts = readAccounts(field('accounts'), readers);
  return { accounts, tenants: readTenants(field('tenants'), accounts, readers) };
}

/** Format of tenant ids in the file and in tokens. */
export const TENANT_ID = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}$/;

function readTenants(
  list: YamlReader,
  accounts: ReadonlyMap<string, CredentialSource>,
  readers: TenantsFileReaders,
): TenantEntry[] {
  const ids = new Map<string, YamlReader>();
  const claims = new Claims();
  const keyIds = new KeyIds(readers.refusedDigests);
  return list.items(MAX_TENANTS).flatMap((item, owner) => {
    const field = item.fields(['id', 'name', 'account', 'spaces', 'limits', 'apiKeys']);
    if (field === null) return [];
    const id = field('id').text(TENANT_ID, 'an id of letters, digits, ".", "_", ":", "@" and "-"');
    const earlier = ids.get(id);
    if (earlier) field('id').fault('is already used by an earlier tenant', earlier);
    else if (id !== '') ids.set(id, item);
    const account = field('account').absent
      ? DEFAULT_ACCOUNT
      : field('account').text(/^.+$/s, 'the id of an account');
    if (account !== '' && !accounts.has(account)) field('account').fault('is not an account in this file');
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
  // Required but may be empty: a suspended tenant has an explicit empty list, so a missing line is an error.
  for (const item of list.items(MAX_SPACES)) {
    const field = item.fields(['custSpaceId', 'businessNumbers']);
    if (field === null) continue;
    const id = field('custSpaceId').text(CUST_SPACE_ID, 'text of 1 to 128 visible ASCII characters');
    const numbers = field('businessNumbers').absent ? null : readNumbers(field('businessNumbers'));
    if (id === '' || account === '') continue;
    if (spaces.has(id)) field('custSpaceId').fault('is already used by an earlier space of this tenant');
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
    list.fault('must not be empty; omit it to include every number of the space');
  }
  for (const item of items) {
    const number = item.text(/^\d{5,20}$/, 'text of 5 to 20 digits');
    if (numbers.has(number)) item.fault('is a duplicate');
    if (number !== '') numbers.set(number, item);
  }
  return numbers;
}

function readLimits(limits: YamlReader): TenantLimits {
  const names = [
    'requestsPerMinute',
    'upstreamWeight',
    'deletesPerHour',
    'stateRecords',
    'concurrentRequests',
  ] as const;
  const field = limits.absent ? null : limits.fields(names);
  return {
    requestsPerMinute: field?.('requestsPerMinute').number(600, 1, 1_000_000, 'whole number') ?? 600,
    upstreamWeight: field?.('upstreamWeight').number(1, 0.01, 1_000, 'number') ?? 1,
    deletesPerHour: field?.('deletesPerHour').number(100, 0, 1_000_000, 'whole number') ?? 100,
    stateRecords: field?.('stateRecords').number(200_000, 1, 10_000_000, 'whole number') ?? 200_000,
    concurrentRequests: field?.('concurrentRequests').number(50, 1, 10_000, 'whole number') ?? 50,
  };
}
