import { GatewayError } from '../errors/gateway-error.js';
import { CallsBroken } from './call-breaker.js';
import { Overload } from './pace/overload.js';
import type { UnsentReason } from '../telemetry/metrics.js';

/** Why a call was not sent; `undefined` for errors that are not about the state of its account. */
export function unsentReason(error: unknown): UnsentReason | undefined {
  if (error instanceof CallsBroken) return 'broken';
  if (!(error instanceof Overload)) return undefined;
  if (error.isThrottled) return 'throttled';
  return error.reason === 'queue-full' ? 'queue_full' : 'waited_too_long';
}

/** Returns the error for a call that was not sent because of the state of its account; any other error unchanged. */
export function unsent(error: unknown): unknown {
  if (error instanceof CallsBroken)
    return new GatewayError(
      'UPSTREAM_UNAVAILABLE',
      `Most ${error.isOfTenant ? 'of your ' : ''}calls to CAMS fail at present. Nothing was sent.`,
      { retryAfterSeconds: error.retryAfterSeconds },
    );
  if (!(error instanceof Overload)) return error;
  const { isThrottled, retryAfterSeconds } = error;
  if (!isThrottled) return overloaded('Too many calls to CAMS are queued.', retryAfterSeconds);
  const detail = 'CAMS is throttling this account. Nothing was sent.';
  return new GatewayError('UPSTREAM_THROTTLED', detail, { retryAfterSeconds });
}

/** Returns the error for a call that was not sent because of this process. */
export function overloaded(detail: string, retryAfterSeconds: number): GatewayError {
  return new GatewayError('OVERLOADED', `${detail} Nothing was sent.`, { retryAfterSeconds });
}
