import { GatewayError } from '../errors/gateway-error.js';
import { withDeadline } from '../util/with-timeout.js';

/** Waits for a possibly shared list until `deadlineMs` (`performance.now()`). Throws `UPSTREAM_TIMEOUT`. */
export function listedInTime<T>(list: Promise<T>, deadlineMs: number): Promise<T> {
  return withDeadline(
    list,
    deadlineMs,
    () => new GatewayError('UPSTREAM_TIMEOUT', 'CAMS did not return the page in time.'),
  );
}
