import type { MaybePromise } from '../util/maybe-promise.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set once the tenant is known. */
    usage: TenantUsage | undefined;
  }
}

/** What a request uses of the limits of its tenant. */
export interface TenantUsage {
  /**
   * Counts the request as this many requests, at least 1, because its response is large. Throws `RATE_LIMITED` if other
   * requests reach the limit of concurrent requests of the tenant.
   */
  countAs(units: number): MaybePromise<void>;
  /** Call it when the response is about to be sent. */
  answered(): void;
}
