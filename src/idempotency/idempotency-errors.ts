import { GatewayError } from '../errors/gateway-error.js';
import { StateUnavailable } from '../state/state-store.js';
import { lookupPauseMs } from '../util/lookup-pause.js';

/** Maximum retry delay: the first request may finish long before its maximum time. */
const LONGEST_RETRY_SECONDS = 2;

export function inFlight(retryAfterMs = 1_000): GatewayError {
  const detail =
    'The first request with this key is still in progress, or its instance has died. This request was not sent.';
  return new GatewayError('IDEMPOTENCY_IN_FLIGHT', detail, {
    retryAfterSeconds: Math.min(LONGEST_RETRY_SECONDS, Math.ceil(retryAfterMs / 1000)),
  });
}

export function keyReused(): GatewayError {
  return new GatewayError(
    'IDEMPOTENCY_KEY_REUSED',
    'This key was used for a different request in the last 24 hours. Nothing was sent.',
  );
}

export function stateUnavailable(cause: unknown): GatewayError {
  const detail = 'The idempotency store is unavailable; the request was not sent.';
  return new GatewayError('STATE_UNAVAILABLE', detail, { retryAfterSeconds: 1, cause });
}

/** Awaits a step that must succeed before anything is sent. Throws `STATE_UNAVAILABLE`. */
export async function beforeSending<T>(step: Promise<T>): Promise<T> {
  try {
    return await step;
  } catch (error) {
    if (error instanceof StateUnavailable) throw stateUnavailable(error);
    throw error;
  }
}

/** Returns the error for a write that could not be reconciled because CAMS could not be read. */
export function notReconciled(cause: unknown): unknown {
  const detail = 'The write was sent, but the gateway could not check with CAMS whether it was executed.';
  return retryableWithKey(new GatewayError('OUTCOME_UNKNOWN', detail, { cause }));
}

/**
 * Marks `OUTCOME_UNKNOWN` as retryable: with a key, a retry reconciles the write and never sends it again. `sentAgoMs`: the
 * longer CAMS has not shown the outcome, the longer it will probably take.
 */
export function retryableWithKey(error: unknown, sentAgoMs = 0): unknown {
  if (!(error instanceof GatewayError) || error.code !== 'OUTCOME_UNKNOWN') return error;
  // An error that says when to retry also says what to expect of it.
  if (error.options.retryAfterSeconds !== undefined)
    return new GatewayError(error.code, error.detail, { ...error.options, retryable: true });
  const detail = `${error.detail} Retry with the same idempotency key: the gateway then checks the outcome and does not send the write again.`;
  const retryAfterSeconds = lookupPauseMs(sentAgoMs) / 1_000;
  return new GatewayError(error.code, detail, { ...error.options, retryable: true, retryAfterSeconds });
}
