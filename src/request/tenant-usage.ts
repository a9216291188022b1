import type { MaybePromise } from '../util/maybe-promise.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set once the tenant is known. */
    usage: TenantUsage | undefined;
  }
}

/** How many requests a request counts as, at least 1 each. */
export interface CountedRequests {
  /** For the requests per minute. */
  readonly units: number;
  /** For the concurrent requests. */
  readonly places: number;
}

/** What a request uses of the limits of its tenant. */
export interface TenantUsage {
  /**
   * Counts the request as several, because its response is large or it may cause many calls. Throws `RATE_LIMITED` if
   * other requests reach the limit of concurrent requests of the tenant.
   */
  countAs(counted: CountedRequests): MaybePromise<void>;
  /** Call it when the response is about to be sent. */
  answered(): void;
}
