import { ERRORS, type ErrorCode } from './catalogue.js';
import { GatewayError } from './gateway-error.js';

/** An error as it survives JSON: what somebody who asks later is told again. */
export interface StoredError {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly retryable: boolean;
  readonly upstreamRequestId?: string;
  readonly upstreamCode?: string;
  readonly operationId?: string;
}

export function storedError({ code, detail, retryable, options }: GatewayError): StoredError {
  const { upstreamRequestId, upstreamCode, operationId } = options;
  return {
    code,
    detail,
    retryable,
    ...(upstreamRequestId !== undefined && { upstreamRequestId }),
    ...(upstreamCode !== undefined && { upstreamCode }),
    ...(operationId !== undefined && { operationId }),
  };
}

/** The error, to be thrown or told again. */
export function restoredError({ code, detail, ...options }: StoredError): GatewayError {
  // A replica of another version may have written a code that this one does not know.
  return new GatewayError(code in ERRORS ? code : 'INTERNAL', detail, options);
}
