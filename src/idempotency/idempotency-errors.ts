import { GatewayError } from '../errors/gateway-error.js';

/** It may end at any moment; its whole time is what it has at most. */
const LONGEST_RETRY_SECONDS = 2;

export function inFlight(retryAfterMs = 1_000): GatewayError {
  const detail = 'The first request with this key has not ended yet. Nothing was sent for this one.';
  return new GatewayError('IDEMPOTENCY_IN_FLIGHT', detail, {
    retryAfterSeconds: Math.min(LONGEST_RETRY_SECONDS, Math.ceil(retryAfterMs / 1000)),
  });
}

export function keyReused(): GatewayError {
  return new GatewayError(
    'IDEMPOTENCY_KEY_REUSED',
    'This key belongs to another request of the last 24 hours. Nothing was sent.',
  );
}

export function stateUnavailable(cause: unknown): GatewayError {
  const detail = 'The record of this idempotency key is out of reach now. Nothing was sent for this request.';
  return new GatewayError('STATE_UNAVAILABLE', detail, { retryAfterSeconds: 1, cause });
}

/** What CAMS shows could not be read: that says nothing of the write. */
export function notReconciled(cause: unknown): GatewayError {
  const detail = 'The write was sent, and CAMS could not be asked now whether it was executed.';
  return new GatewayError('OUTCOME_UNKNOWN', detail, { ...RETRY_SOON, cause });
}

/** A write of unknown outcome that has a key may be asked for again: it is looked into, never sent again. */
export function retryableWithKey(error: unknown): unknown {
  if (!(error instanceof GatewayError) || error.code !== 'OUTCOME_UNKNOWN') return error;
  return new GatewayError(error.code, error.detail, { ...error.options, ...RETRY_SOON });
}

const RETRY_SOON = { retryable: true, retryAfterSeconds: 1 };
