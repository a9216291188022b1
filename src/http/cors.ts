import type { FastifyCorsOptions } from '@fastify/cors';

const EXPOSED_HEADERS =
  'ETag, Link, Location, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id, Coherence, Idempotency-Replayed, Age, Cache-Status';

/** Lets pages of these origins call. */
export function corsOptions(origins: readonly string[]): FastifyCorsOptions {
  return {
    // OPTIONS requests that are not preflights have been refused by now, with an error of the catalogue.
    strictPreflight: false,
    origin: [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
    exposedHeaders: EXPOSED_HEADERS,
    maxAge: 600,
  };
}
