import type { FastifyCorsOptions } from '@fastify/cors';
import type { HttpSettings } from '../config/http.js';

/** Browsers hide every other response header from pages, except a few such as `Content-Type` and `Cache-Control`. */
const EXPOSED_HEADERS = [
  'Age',
  'Allow',
  'Cache-Status',
  'Coherence',
  'Deprecation',
  'ETag',
  'Idempotency-Replayed',
  'Link',
  'Location',
  'Preference-Applied',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'Sunset',
  'WWW-Authenticate',
  'X-Caller-Request-Id',
  'X-Request-Id',
  'X-Upstream-Request-Id',
];

/** `localhost`, its subdomains and the loopback addresses, on any port. */
const LOOPBACK = /^https?:\/\/(?:(?:[\w-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/;

/** Returns options that allow cross-origin calls from these origins. */
export function corsOptions(origins: HttpSettings['corsOrigins']): FastifyCorsOptions {
  return {
    // OPTIONS requests that are not preflights were already rejected with a catalogue error.
    strictPreflight: false,
    origin: origins === 'loopback' ? LOOPBACK : [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
    exposedHeaders: EXPOSED_HEADERS.join(', '),
    maxAge: 600,
  };
}
