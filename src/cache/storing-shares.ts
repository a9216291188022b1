import type { Tenant } from '../tenancy/tenant.js';
import { MINUTE_MS } from '../util/durations.js';

/** More than typical pages of 100 groups have, so that only unusual ones are limited. */
const BYTES_PER_REQUEST = 64 * 1024;

/**
 * Limits what each tenant adds to the page store per minute, in proportion to its quota of requests. A Redis that is full evicts
 * pages that others still read, and long descriptions make pages twelve times as large as typical ones.
 */
export class StoringShares {
  readonly #stored = new Map<string, number>();
  #minute = 0;

  constructor(private readonly clock: () => number = () => performance.now()) {}

  /** Counts a page of this size, in bytes. Returns `false` if it exceeds the tenant's share of this minute. */
  take({ id, limits }: Pick<Tenant, 'id' | 'limits'>, bytes: number): boolean {
    const minute = Math.floor(this.clock() / MINUTE_MS);
    if (minute !== this.#minute) this.#stored.clear();
    this.#minute = minute;
    const sum = (this.#stored.get(id) ?? 0) + bytes;
    if (sum > limits.requestsPerMinute * BYTES_PER_REQUEST) return false;
    this.#stored.set(id, sum);
    return true;
  }
}
