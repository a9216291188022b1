import type { CredentialSource } from '../account.js';
import type { TenantLimits } from '../tenant.js';
import { DEFAULT_ACCOUNT } from './tenants-file-accounts.js';
import { Claims } from './tenants-file-claims.js';
import { KeyIds, type KeyEntry } from './tenants-file-keys.js';
import type { YamlReader } from './yaml-reader.js';

const MAX_SPACES = 1_000;
const MAX_NUMBERS = 10_000;
const CUST_SPACE_ID = /^[\x21-\x7e]{1,128}$/;

/** Format of tenant ids in the file and in tokens. */
export const TENANT_ID = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}$/;

export interface TenantEntry {
  readonly id: string;
  readonly name: string;
  readonly account: string;
  readonly spaces: ReadonlyMap<string, ReadonlySet<string> | null>;
  readonly limits: TenantLimits;
  readonly apiKeys: readonly KeyEntry[];
}

/** Reads the tenants of a file, and detects what two of them must not have in common. */
export class TenantEntries {
  readonly #ids = new Map<string, YamlReader>();
  readonly #claims = new Claims();
  readonly #keyIds: KeyIds;

  /** `refusedDigests`: those of publicly known secrets, which no key may have. */
  constructor(
    private readonly accounts: ReadonlyMap<string, CredentialSource>,
    refusedDigests: ReadonlySet<string>,
  ) {
    this.#keyIds = new KeyIds(refusedDigests);
  }

  /** Reads the tenant of this index. Returns `undefined` if it is not a mapping. */
  read(item: YamlReader, owner: number): TenantEntry | undefined {
    const field = item.fields(['id', 'name', 'account', 'spaces', 'limits', 'apiKeys']);
    if (field === null) return undefined;
    const id = field('id').text(TENANT_ID, 'an id of letters, digits, ".", "_", ":", "@" and "-"');
    const earlier = this.#ids.get(id);
    if (earlier) field('id').fault('is already used by an earlier tenant', earlier);
    else if (id !== '') this.#ids.set(id, item);
    const account = field('account').absent
      ? DEFAULT_ACCOUNT
      : field('account').text(/^.+$/s, 'the id of an account');
    if (account !== '' && !this.accounts.has(account))
      field('account').fault('is not an account in this file');
    return {
      id,
      name: field('name').absent
        ? id
        : field('name').text(/^[^\p{Cc}]{1,200}$/u, 'text of 1 to 200 characters'),
      account,
      spaces: readSpaces(field('spaces'), owner, account, this.#claims),
      limits: readLimits(field('limits')),
      apiKeys: this.#keyIds.read(field('apiKeys')),
    };
  }
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
