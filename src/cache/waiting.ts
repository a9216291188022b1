import { GatewayError } from '../common/errors.js';

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Waits for what others may have begun, and no longer than this waiter has time: until `deadlineMs`,
 * `performance.now()`. Throws `UPSTREAM_TIMEOUT`.
 */
export async function waitUntil<T>(deadlineMs: number, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const restMs = Math.min(Math.max(0, deadlineMs - performance.now()), LONGEST_TIMER_MS);
  const timer = setTimeout(
    () => late.reject(new GatewayError('UPSTREAM_TIMEOUT', 'CAMS did not list the page in time.')),
    restMs,
  );
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
