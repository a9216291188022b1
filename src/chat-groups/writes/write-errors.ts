import { GatewayError } from '../../errors/gateway-error.js';

/** `lost` is the error of the add call that CAMS did not confirm. */
export function createUnknown(operationId: string, lost?: GatewayError): GatewayError {
  const { upstreamRequestId, upstreamCode } = lost?.options ?? {};
  return new GatewayError(
    'OUTCOME_UNKNOWN',
    `The create request was sent, but CAMS did not confirm it. Poll operation ${operationId} for the outcome.`,
    {
      operationId,
      ...(upstreamRequestId !== undefined && { upstreamRequestId }),
      ...(upstreamCode !== undefined && { upstreamCode }),
      ...(lost && { cause: lost }),
    },
  );
}

/** Returns the error for a write that was sent, but that CAMS did not execute and no longer can. */
export function notExecuted(detail: string | undefined, operationId?: string): GatewayError {
  return new GatewayError(
    'UPSTREAM_UNAVAILABLE',
    `${detail ?? 'CAMS did not respond and does not show the change.'} Check the current state; to try again, use a new idempotency key.`,
    // The same idempotency key would return the same error.
    { retryable: false, ...(operationId !== undefined && { operationId }) },
  );
}

export function tookTooLong(): GatewayError {
  return new GatewayError('OVERLOADED', 'The request was delayed for too long. Nothing was sent.', {
    retryAfterSeconds: 1,
  });
}

/** Returns the error for a write with an idempotency key that was sent and that CAMS may still execute. */
export function stillUnknown(): GatewayError {
  return new GatewayError(
    'OUTCOME_UNKNOWN',
    'The write was sent, but CAMS does not yet show whether it was executed. Retry with the same idempotency key.',
  );
}

export function nothingToChange(upstreamRequestId?: string): GatewayError {
  return new GatewayError('NOT_FOUND', 'CAMS found nothing to change: the resource no longer exists.', {
    ...(upstreamRequestId !== undefined && { upstreamRequestId }),
  });
}
