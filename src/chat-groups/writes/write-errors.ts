import { GatewayError } from '../../errors/gateway-error.js';

/** `lost`: why the add has no answer. */
export function createUnknown(operationId: string, lost?: GatewayError): GatewayError {
  const { upstreamRequestId, upstreamCode } = lost?.options ?? {};
  return new GatewayError(
    'OUTCOME_UNKNOWN',
    `The create was sent and no answer tells whether it was executed. Operation ${operationId} tells when it is known.`,
    {
      operationId,
      ...(upstreamRequestId !== undefined && { upstreamRequestId }),
      ...(upstreamCode !== undefined && { upstreamCode }),
      ...(lost && { cause: lost }),
    },
  );
}

/** A write that was sent, and that CAMS can no longer execute. */
export function notExecuted(detail: string | undefined, operationId?: string): GatewayError {
  return new GatewayError(
    'UPSTREAM_UNAVAILABLE',
    `${detail ?? 'CAMS gave no answer, and does not show the change.'} Look at the list, and use a new key if you ask for it again.`,
    // The same key would be told the same again.
    { retryable: false, ...(operationId !== undefined && { operationId }) },
  );
}

export function tookTooLong(): GatewayError {
  return new GatewayError('OVERLOADED', 'The request was held up for too long. Nothing was sent.', {
    retryAfterSeconds: 1,
  });
}

/** A write with a key that was sent, and that CAMS may still execute. */
export function stillUnknown(): GatewayError {
  return new GatewayError(
    'OUTCOME_UNKNOWN',
    'The write was sent, and what CAMS shows does not tell yet whether it was executed.',
  );
}

export function nothingToChange(upstreamRequestId?: string): GatewayError {
  return new GatewayError('NOT_FOUND', 'CAMS found nothing to change: it is gone already.', {
    ...(upstreamRequestId !== undefined && { upstreamRequestId }),
  });
}
