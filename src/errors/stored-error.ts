import { ERRORS, type ErrorCode } from './catalogue.js';
import { GatewayError, type Violation } from './gateway-error.js';

/** An error in JSON-serializable form, stored so that later requests receive it again. */
export interface StoredError {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly retryable: boolean;
  readonly upstreamRequestId?: string;
  readonly upstreamCode?: string;
  readonly operationId?: string;
  readonly violations?: readonly Violation[];
}

export function storedError({ code, detail, retryable, options }: GatewayError): StoredError {
  const { upstreamRequestId, upstreamCode, operationId, violations } = options;
  return {
    code,
    detail,
    retryable,
    ...(upstreamRequestId !== undefined && { upstreamRequestId }),
    ...(upstreamCode !== undefined && { upstreamCode }),
    ...(operationId !== undefined && { operationId }),
    ...(violations !== undefined && { violations }),
  };
}

/** Restores a stored error, to be thrown or returned again. */
export function restoredError({ code, detail, ...options }: StoredError): GatewayError {
  // A replica of another version may have written a code that this one does not know.
  return new GatewayError(Object.hasOwn(ERRORS, code) ? code : 'INTERNAL', detail, options);
}
