import type { FastifyCorsOptions } from '@fastify/cors';

const EXPOSED_HEADERS =
  'ETag, Link, Location, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id, Coherence, Idempotency-Replayed, Age, Cache-Status';

/** Returns options that allow cross-origin calls from these origins. */
export function corsOptions(origins: readonly string[]): FastifyCorsOptions {
  return {
    // OPTIONS requests that are not preflights were already rejected with a catalogue error.
    strictPreflight: false,
    origin: [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
    exposedHeaders: EXPOSED_HEADERS,
    maxAge: 600,
  };
}
