import { MAX_JSON_BYTES, exceedsJsonLimit } from '../util/bounded-json.js';
import { GatewayError } from './gateway-error.js';

/**
 * Throws `UPSTREAM_UNAVAILABLE` if a response would be too large to be sent. Every list of
 * readable texts that CAMS may return within its own limits fits.
 */
export function assertFits(response: unknown): void {
  if (!exceedsJsonLimit(response)) return;
  throw new GatewayError(
    'UPSTREAM_UNAVAILABLE',
    `CAMS returned more than fits into a response of ${MAX_JSON_BYTES / 1024} KiB.`,
    { retryable: false },
  );
}
