import type { StateEntry, StateStore } from '../state/state-store.js';
import type { TenantScope } from '../tenancy/tenant-scope.js';
import { digestOf } from '../util/digest.js';
import type { IdempotencyRecord } from './record.js';
import { parseJsonOrThrow } from '../util/parse-json.js';

/** Where the record of a key is, or would be. */
export interface FoundRecord {
  readonly key: string;
  readonly entry?: StateEntry;
  readonly record?: IdempotencyRecord;
}

/**
 * The two places for the record of one key in one space. Spaces do not share keys: credentials limited to one space must not
 * learn about keys of another, and all credentials for a space must find the same record. Earlier releases, which may
 * be running beside this one, know only the place that all spaces of a tenant share. So a record goes there, unless the key
 * is in use there for another space: then it goes to a place of its own.
 */
export class RecordPlaces {
  readonly space: string;
  readonly #shared: string;
  readonly #own: string;
  readonly #hasOtherSpaces: boolean;

  constructor(
    private readonly store: StateStore,
    { tenant, custSpaceId }: Pick<TenantScope, 'tenant' | 'custSpaceId'>,
    idempotencyKey: string,
  ) {
    this.space = digestOf([custSpaceId]);
    this.#shared = `cgs:k:${digestOf([tenant.id, idempotencyKey])}`;
    this.#own = `cgs:k:${digestOf([tenant.id, custSpaceId, idempotencyKey])}`;
    this.#hasOtherSpaces = tenant.spaces.size > 1;
  }

  async find(): Promise<FoundRecord> {
    const [shared, own] = await Promise.all([this.#read(this.#shared), this.#read(this.#own)]);
    if (own.record) return own;
    return this.#isForeign(shared) ? { key: this.#own } : shared;
  }

  /**
   * Whether a record that was just created is the only one of its key. The shared place may have become free, or taken,
   * since {@link find}: each of two concurrent requests then sees the other's record, so at most one of them goes on.
   */
  async isOnlyOne(created: string): Promise<boolean> {
    if (!this.#hasOtherSpaces) return true;
    const other = await this.#read(created === this.#shared ? this.#own : this.#shared);
    return other.record === undefined || this.#isForeign(other);
  }

  // The space of an earlier release's record is not known: to be safe, its key is not used for another request.
  #isForeign({ record }: FoundRecord): boolean {
    return record?.space !== undefined && record.space !== this.space;
  }

  async #read(key: string): Promise<FoundRecord> {
    const entry = await this.store.read(key);
    return entry ? { key, entry, record: parseJsonOrThrow(entry.value) as IdempotencyRecord } : { key };
  }
}
