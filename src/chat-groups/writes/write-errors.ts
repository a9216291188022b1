import type { CamsOperationName } from '../../cams/api.js';
import { GatewayError } from '../../errors/gateway-error.js';

/** When a retry will probably show the same. */
const LATE_RETRY_SECONDS = 60;

/** `lost` is the error of the add call that CAMS did not confirm, `retryAfterSeconds` when the gateway looks again. */
export function createUnknown(
  operationId: string,
  {
    lost,
    retryAfterSeconds,
  }: { readonly lost?: GatewayError | undefined; readonly retryAfterSeconds?: number } = {},
): GatewayError {
  const { upstreamRequestId, upstreamCode } = lost?.options ?? {};
  return new GatewayError(
    'OUTCOME_UNKNOWN',
    `The create request was sent, but CAMS did not confirm it. Poll operation ${operationId} for the outcome.`,
    {
      operationId,
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
      ...(upstreamRequestId !== undefined && { upstreamRequestId }),
      ...(upstreamCode !== undefined && { upstreamCode }),
      ...(lost && { cause: lost }),
    },
  );
}

/** Returns the error for an operation that has ended, although its add call may have been executed. */
export function endedUnknown(operationId: string): GatewayError {
  const detail = `The create request was sent, but operation ${operationId} ended before the gateway could find out whether it was executed. Check the groups of this number; to create the group again, use a new idempotency key.`;
  return new GatewayError('OUTCOME_UNKNOWN', detail, { operationId, retryAfterSeconds: LATE_RETRY_SECONDS });
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

/** Returns the error for a write with an idempotency key whose outcome CAMS does not show. */
export function stillUnknown(mayStillApply: boolean): GatewayError {
  if (mayStillApply) {
    const detail = 'The write was sent, but CAMS does not yet show whether it was executed.';
    return new GatewayError('OUTCOME_UNKNOWN', detail);
  }
  const detail =
    'The write was sent, but CAMS does not show whether it was executed. Check the current state; to write again, use a new idempotency key.';
  return new GatewayError('OUTCOME_UNKNOWN', detail, { retryAfterSeconds: LATE_RETRY_SECONDS });
}

/** What is missing if CAMS reports that a write changed nothing. */
const NOTHING_LEFT: Readonly<Partial<Record<CamsOperationName, string>>> = {
  deleteInviteLink: 'The group has no invite link.',
  deleteParticipants: 'None of these members is in the group any more.',
};

export function nothingToChange(operation: CamsOperationName, upstreamRequestId?: string): GatewayError {
  return new GatewayError('NOT_FOUND', NOTHING_LEFT[operation] ?? 'The group no longer exists.', {
    ...(upstreamRequestId !== undefined && { upstreamRequestId }),
  });
}

/** `upstreamCode`: the code by which CAMS said so. */
export function executedInPart(
  upstreamCode: string | undefined,
  upstreamRequestId: string | undefined,
  cause?: unknown,
): GatewayError {
  const detail =
    'WhatsApp reported that it executed only a part of the write, and CAMS does not show the change. Read the group again.';
  return new GatewayError('OUTCOME_UNKNOWN', detail, {
    ...(upstreamCode !== undefined && { upstreamCode }),
    ...(upstreamRequestId !== undefined && { upstreamRequestId }),
    ...(cause !== undefined && { cause }),
  });
}
