import { Injectable } from '@nestjs/common';
import { GatewayError } from '../errors/gateway-error.js';
import type { OnTenantsRemoved, RemovedTenants } from '../util/removed-tenants.js';

const RETRY_AFTER_SECONDS = 1;

/** The tenant whose concurrent requests are counted. */
export interface ConcurrencyHolder {
  readonly id: string;
  readonly limits: { readonly concurrentRequests: number };
}

interface InFlight {
  units: number;
  /** Those that may cost more than a refusal. */
  costly: number;
}

/** A request in flight. */
export interface Place {
  /** Counts the request as this many. Throws `RATE_LIMITED` if the others alone reach the limit. */
  countAs(units: number): void;
  /** Call it first for a request that may be suspended. */
  allowSuspension(): void;
  /**
   * Stops counting the request while what it waits for costs less than its refusal. Only if that is allowed, and not a request that
   * has cost more, nor one that counts as several.
   */
  suspend(): void;
  /** Counts the request again, even beyond the limit. */
  resume(): void;
  /** Call it before the request costs more. Throws `RATE_LIMITED` if it was suspended and others that cost more reach the limit. */
  require(): void;
  /** Idempotent. */
  leave(): void;
}

/**
 * Limits the requests of each tenant that this process handles at once. A request with many calls or a large response counts as
 * several.
 */
@Injectable()
export class TenantConcurrency implements OnTenantsRemoved {
  readonly #inFlight = new Map<string, InFlight>();

  /** Counts a request until it leaves. Throws `RATE_LIMITED` beyond the limit. */
  enter({ id, limits }: ConcurrencyHolder): Place {
    const limit = limits.concurrentRequests;
    const inFlight = this.#inFlight.get(id) ?? { units: 0, costly: 0 };
    this.#inFlight.set(id, inFlight);
    if (inFlight.units >= limit) throw refused(limit);
    return new CountedPlace(inFlight, limit);
  }

  onTenantsRemoved({ tenants }: RemovedTenants): void {
    for (const id of tenants) this.#inFlight.delete(id);
  }
}

/**
 * `costly`: counted, and may cost more than its refusal. `open`: counted, and may be suspended. `suspended`: not counted. `cheap`:
 * counted in units only, because the limit was not checked.
 */
type Standing = 'costly' | 'open' | 'suspended' | 'cheap' | 'left';

class CountedPlace implements Place {
  #standing: Standing = 'costly';
  #units = 0;
  #costly = 0;

  constructor(
    private readonly inFlight: InFlight,
    private readonly limit: number,
  ) {
    this.#hold(1, 1);
  }

  countAs(units: number): void {
    const others = this.inFlight.units - this.#units;
    // Not if they only leave too little for this one: a tenant that is always busy could never send such a request.
    if (others >= this.limit)
      throw refused(this.limit, ' A GraphQL request with many calls or a large response counts as several.');
    if (this.#standing !== 'left') this.#hold(units, units);
  }

  allowSuspension(): void {
    if (this.#standing === 'costly') this.#standing = 'open';
  }

  suspend(): void {
    const isCheap = this.#units === 1 && (this.#standing === 'open' || this.#standing === 'cheap');
    if (!isCheap) return;
    this.#standing = 'suspended';
    this.#hold(0, 0);
  }

  resume(): void {
    if (this.#standing !== 'suspended') return;
    this.#standing = 'cheap';
    this.#hold(1, 0);
  }

  require(): void {
    const isUnchecked = this.#standing === 'suspended' || this.#standing === 'cheap';
    if (isUnchecked) {
      if (this.inFlight.costly >= this.limit) throw refused(this.limit);
      this.#hold(1, 1);
    }
    if (this.#standing !== 'left') this.#standing = 'costly';
  }

  leave(): void {
    this.#standing = 'left';
    this.#hold(0, 0);
  }

  #hold(units: number, costly: number): void {
    this.inFlight.units += units - this.#units;
    this.inFlight.costly += costly - this.#costly;
    this.#units = units;
    this.#costly = costly;
  }
}

function refused(limit: number, why = ''): GatewayError {
  const detail = `You have reached your limit of ${limit} concurrent requests.${why}`;
  return new GatewayError('RATE_LIMITED', detail, {
    limit: 'concurrentRequests',
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}
