import { ERRORS, type ErrorCode } from './catalogue.js';
import type { GatewayError, Violation } from './gateway-error.js';

/** Error fields that REST and GraphQL share. Source: RFC 9457 for the REST format. */
interface ErrorFields {
  readonly code: ErrorCode;
  readonly status: number;
  readonly requestId: string;
  readonly retryable: boolean;
  readonly upstreamRequestId?: string;
  readonly upstreamCode?: string;
  readonly operationId?: string;
  readonly violations?: readonly Violation[];
}

/** The body of a REST error, `application/problem+json`. */
export interface Problem extends ErrorFields {
  readonly type: string;
  readonly title: string;
  readonly detail: string;
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

export function problem(error: GatewayError, requestId: string): Problem {
  const { title } = ERRORS[error.code];
  return {
    type: `/docs/errors#${error.code}`,
    title,
    detail: error.detail,
    ...errorFields(error, requestId),
  };
}

/** Returns the error fields that REST and GraphQL share. GraphQL sends them in `extensions`. */
export function errorFields(error: GatewayError, requestId: string): ErrorFields {
  const { violations, upstreamRequestId, upstreamCode, operationId } = error.options;
  return {
    code: error.code,
    status: error.status,
    requestId,
    retryable: error.retryable,
    ...(upstreamRequestId !== undefined && { upstreamRequestId }),
    ...(upstreamCode !== undefined && { upstreamCode }),
    ...(operationId !== undefined && { operationId }),
    ...(violations !== undefined && { violations }),
  };
}

/** Returns the response headers of an error, for both REST and GraphQL. */
export function errorHeaders(error: GatewayError): Record<string, string> {
  return {
    ...(error.status === 401 && { 'WWW-Authenticate': 'Bearer' }),
    ...(error.options.allow && { Allow: error.options.allow.join(', ') }),
    ...(error.options.retryAfterSeconds !== undefined && {
      'Retry-After': String(Math.max(1, Math.ceil(error.options.retryAfterSeconds))),
    }),
  };
}
