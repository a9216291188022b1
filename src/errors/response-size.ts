import { MAX_JSON_CHARACTERS, exceedsJsonLimit } from '../util/bounded-json.js';
import { GatewayError } from './gateway-error.js';

/**
 * Throws `UPSTREAM_UNAVAILABLE` if a response would be too large to be sent. Everything that CAMS may return within its
 * own limits fits.
 */
export function assertFits(response: unknown): void {
  if (!exceedsJsonLimit(response)) return;
  throw new GatewayError(
    'UPSTREAM_UNAVAILABLE',
    `CAMS returned more than fits into a response of ${MAX_JSON_CHARACTERS / 1024} KiB.`,
    { retryable: false },
  );
}
