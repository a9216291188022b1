import { GatewayError } from '../errors/gateway-error.js';
import { withDeadline } from '../util/with-timeout.js';

/** Waits for a list that others may have begun, until `deadlineMs` of `performance.now()`. Throws `UPSTREAM_TIMEOUT`. */
export function listedInTime<T>(list: Promise<T>, deadlineMs: number): Promise<T> {
  return withDeadline(
    list,
    deadlineMs,
    () => new GatewayError('UPSTREAM_TIMEOUT', 'CAMS did not list the page in time.'),
  );
}
