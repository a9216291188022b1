import { Injectable } from '@nestjs/common';
import { GatewayError } from '../errors/gateway-error.js';

const RETRY_AFTER_SECONDS = 1;

/** The tenant whose concurrent requests are counted. */
export interface ConcurrencyHolder {
  readonly id: string;
  readonly limits: { readonly concurrentRequests: number };
}

interface InFlight {
  units: number;
}

/** A request in flight. */
export interface Place {
  /** Counts the request as this many. Throws `RATE_LIMITED` if the others alone reach the limit. */
  countAs(units: number): void;
  /** Stops counting the request while what it waits for costs less than its refusal. Large responses are always counted. */
  suspend(): void;
  /** Counts the request again. Throws `RATE_LIMITED` if it is refusable and the others reach the limit. */
  resume(isRefusable: boolean): void;
  /** Idempotent. */
  leave(): void;
}

/** Limits the requests of each tenant that this process handles at once. A request with a large response counts as several. */
@Injectable()
export class TenantConcurrency {
  /** Limited by the tenants file. */
  readonly #inFlight = new Map<string, InFlight>();

  /** Counts a request until it leaves. Throws `RATE_LIMITED` beyond the limit. */
  enter({ id, limits }: ConcurrencyHolder): Place {
    const limit = limits.concurrentRequests;
    const inFlight = this.#inFlight.get(id) ?? { units: 0 };
    this.#inFlight.set(id, inFlight);
    if (inFlight.units >= limit) throw refused(limit);
    return new CountedPlace(inFlight, limit);
  }
}

class CountedPlace implements Place {
  #units = 1;
  #isSuspended = false;

  constructor(
    private readonly inFlight: InFlight,
    private readonly limit: number,
  ) {
    inFlight.units += 1;
  }

  countAs(units: number): void {
    const others = this.inFlight.units - this.#units;
    // Not if they only leave too little for this one: a tenant that is always busy would never get a large response.
    if (others >= this.limit) throw refused(this.limit, ' A large GraphQL response counts as several.');
    if (this.#units === 0) return;
    this.inFlight.units += units - this.#units;
    this.#units = units;
  }

  suspend(): void {
    if (this.#units !== 1) return;
    this.leave();
    this.#isSuspended = true;
  }

  resume(isRefusable: boolean): void {
    if (!this.#isSuspended) return;
    if (isRefusable && this.inFlight.units >= this.limit) throw refused(this.limit);
    this.#isSuspended = false;
    this.inFlight.units += this.#units = 1;
  }

  leave(): void {
    this.inFlight.units -= this.#units;
    this.#units = 0;
    this.#isSuspended = false;
  }
}

function refused(limit: number, why = ''): GatewayError {
  const detail = `You have reached your limit of ${limit} concurrent requests.${why}`;
  return new GatewayError('RATE_LIMITED', detail, {
    limit: 'concurrentRequests',
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}
