import { HttpException } from '@nestjs/common';
import {
  ERRORS,
  type ErrorCode,
  GatewayError,
  type Violation,
  asGatewayError,
  notFound,
  validationFailed,
} from './errors.js';

/** Fields that an error has on both surfaces. Source: RFC 9457 for the REST form. */
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

/** The fields of the catalogue, as GraphQL carries them in `extensions`. */
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

/** Headers that belong to an error, whatever surface it leaves on. */
export function errorHeaders(error: GatewayError): Record<string, string> {
  return {
    ...(error.status === 401 && { 'WWW-Authenticate': 'Bearer' }),
    ...(error.options.allow && { Allow: error.options.allow.join(', ') }),
    ...(error.options.retryAfterSeconds !== undefined && {
      'Retry-After': String(Math.max(1, Math.ceil(error.options.retryAfterSeconds))),
    }),
  };
}

/** Translates whatever was thrown; what nobody foresaw becomes `INTERNAL`, with nothing of its cause. */
export function toGatewayError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  const code = fastifyCode(thrown);
  const byCode = code === undefined ? undefined : FASTIFY_ERRORS[code];
  if (byCode) return byCode();
  const status = httpStatus(thrown);
  const byStatus = status === undefined ? undefined : HTTP_ERRORS[status];
  return byStatus ? byStatus() : asGatewayError(thrown);
}

/** Why a body was not taken: no JSON, or JSON with fields that would change a prototype. */
export function bodyRefused(body: string): GatewayError {
  const names = prototypeFields(body);
  if (names.length === 0) return bodyNotJson();
  return validationFailed(names.map((field) => ({ field, message: 'is not a known field' })));
}

function prototypeFields(body: string): string[] {
  const found = new Set<string>();
  try {
    JSON.parse(body, (name, value: unknown) => {
      if (name === '__proto__' || name === 'constructor') found.add(name);
      return value;
    });
  } catch {
    // No JSON at all, so no fields either; the message of the parser would quote the body.
    return [];
  }
  return [...found];
}

const bodyNotJson = (): GatewayError => validation('body', 'is not valid JSON');

const validation = (field: string, message: string): GatewayError =>
  new GatewayError('VALIDATION_FAILED', `Not valid: ${field}.`, { violations: [{ field, message }] });
const bodyTooLarge = (): GatewayError =>
  new GatewayError('PAYLOAD_TOO_LARGE', 'The body is longer than 64 KiB.');
const notJsonType = (): GatewayError =>
  new GatewayError('UNSUPPORTED_MEDIA_TYPE', 'The body must be application/json.');

const FASTIFY_ERRORS: Record<string, () => GatewayError> = {
  FST_ERR_CTP_BODY_TOO_LARGE: bodyTooLarge,
  FST_ERR_CTP_INVALID_MEDIA_TYPE: notJsonType,
  FST_ERR_CTP_EMPTY_JSON_BODY: () => validation('body', 'is empty'),
  FST_ERR_CTP_INVALID_JSON_BODY: bodyNotJson,
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    validation('body', 'does not have the length that its header says'),
  FST_ERR_BAD_URL: () => validation('path', 'holds a malformed percent-encoding'),
  FST_ERR_MAX_PARAM_LENGTH: () => validation('path', 'holds a parameter that is too long'),
  FST_ERR_NOT_FOUND: notFound,
};

const HTTP_ERRORS: Record<number, () => GatewayError> = {
  400: () => new GatewayError('VALIDATION_FAILED', 'The request is malformed.'),
  404: notFound,
  408: () => new GatewayError('REQUEST_TIMEOUT', 'The request did not arrive in time.'),
  413: bodyTooLarge,
  415: notJsonType,
};

function fastifyCode(thrown: unknown): string | undefined {
  const { code } = Object(thrown) as { code?: unknown };
  return typeof code === 'string' && code.startsWith('FST_') ? code : undefined;
}

function httpStatus(thrown: unknown): number | undefined {
  if (thrown instanceof HttpException) return thrown.getStatus();
  // Fastify and its parsers mark their own client errors so; anything else that has a status is not trusted.
  return fastifyCode(thrown) === undefined ? undefined : (thrown as { statusCode?: number }).statusCode;
}
