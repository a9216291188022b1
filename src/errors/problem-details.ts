import { ERRORS, type ErrorCode } from './catalogue.js';
import type { GatewayError, Violation } from './gateway-error.js';
import { redact } from '../util/redaction.js';

/** Error fields that REST and GraphQL share. Source: RFC 9457 for the REST format. */
interface ErrorFields {
  readonly code: ErrorCode;
  readonly status: number;
  readonly requestId: string;
  readonly retryable: boolean;
  /** Seconds. GraphQL reports errors in responses with status 200, which have no `Retry-After`. */
  readonly retryAfter?: number;
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
    detail: shownDetail(error),
    ...errorFields(error, requestId),
  };
}

/** Returns the error fields that REST and GraphQL share. GraphQL sends them in `extensions`. */
export function errorFields(error: GatewayError, requestId: string): ErrorFields {
  const { violations, upstreamRequestId, upstreamCode, operationId } = error.options;
  const retryAfter = retryAfterOf(error);
  return {
    code: error.code,
    status: error.status,
    requestId,
    retryable: error.retryable,
    ...(retryAfter !== undefined && { retryAfter }),
    ...(upstreamRequestId !== undefined && { upstreamRequestId }),
    ...(upstreamCode !== undefined && { upstreamCode }),
    ...(operationId !== undefined && { operationId }),
    ...(violations !== undefined && { violations: violations.map(shownViolation) }),
  };
}

/** Returns the detail for the caller. It may name what the caller sent, such as an unknown field. */
export function shownDetail({ detail }: GatewayError): string {
  return redact(detail);
}

function shownViolation({ field, message }: Violation): Violation {
  return { field: redact(field), message: redact(message) };
}

/** Returns the response headers of an error, for both REST and GraphQL. */
export function errorHeaders(error: GatewayError): Record<string, string> {
  const retryAfter = retryAfterOf(error);
  return {
    ...(error.status === 401 && { 'WWW-Authenticate': challenge(error.options.invalidToken) }),
    ...(error.options.allow && { Allow: error.options.allow.join(', ') }),
    ...(retryAfter !== undefined && { 'Retry-After': String(retryAfter) }),
  };
}

/** Whole seconds, at least one. */
function retryAfterOf({ options: { retryAfterSeconds } }: GatewayError): number | undefined {
  return retryAfterSeconds === undefined ? undefined : Math.max(1, Math.ceil(retryAfterSeconds));
}

/** RFC 6750, section 3. */
function challenge(invalidToken: string | undefined): string {
  return invalidToken === undefined
    ? 'Bearer'
    : `Bearer error="invalid_token", error_description="${invalidToken}"`;
}
