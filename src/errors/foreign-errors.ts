import { HttpException } from '@nestjs/common';
import { isTooDeep, MAX_JSON_DEPTH } from '../util/json-depth.js';
import { GatewayError, asGatewayError, notFound, validationFailed } from './gateway-error.js';

/** Converts a thrown value to a gateway error. Unexpected ones become `INTERNAL` and reveal nothing of their cause. */
export function toGatewayError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  const code = fastifyCode(thrown);
  const byCode = code === undefined ? undefined : FASTIFY_ERRORS[code];
  if (byCode) return byCode();
  const status = httpStatus(thrown);
  const byStatus = status === undefined ? undefined : HTTP_ERRORS[status];
  return byStatus ? byStatus() : asGatewayError(thrown);
}

/** Returns the error for JSON that is nested too deeply. */
export function tooDeep(field: string): GatewayError {
  return validation(field, `must not be nested more than ${MAX_JSON_DEPTH} levels deep`);
}

/** Returns the error for a refused body: nested too deeply, not JSON, or JSON with fields that would change a prototype. */
export function bodyRefused(body: string): GatewayError {
  if (isTooDeep(body)) return tooDeep('body');
  const names = prototypeFields(body);
  if (names.length === 0) return bodyNotJson();
  return validationFailed(names.map((field) => ({ field, message: 'is not a known field' })));
}

/** Returns the error for a body that will never arrive. */
export function bodyNotReceived(): GatewayError {
  return new GatewayError('REQUEST_TIMEOUT', 'The request did not arrive completely.');
}

function prototypeFields(body: string): string[] {
  const found = new Set<string>();
  try {
    JSON.parse(body, (name, value: unknown) => {
      if (name === '__proto__' || name === 'constructor') found.add(name);
      return value;
    });
  } catch {
    // Not JSON, so there are no fields. The parser's message is dropped, because it would quote the body.
    return [];
  }
  return [...found];
}

const bodyNotJson = (): GatewayError => validation('body', 'must be valid JSON');

const validation = (field: string, message: string): GatewayError =>
  new GatewayError('VALIDATION_FAILED', `Invalid: ${field}.`, { violations: [{ field, message }] });
const bodyTooLarge = (): GatewayError =>
  new GatewayError('PAYLOAD_TOO_LARGE', 'The body is longer than 64 KiB.');
const notJsonType = (): GatewayError =>
  new GatewayError('UNSUPPORTED_MEDIA_TYPE', 'The body must be application/json.');

const FASTIFY_ERRORS: Record<string, () => GatewayError> = {
  FST_ERR_CTP_BODY_TOO_LARGE: bodyTooLarge,
  FST_ERR_CTP_INVALID_MEDIA_TYPE: notJsonType,
  FST_ERR_CTP_EMPTY_JSON_BODY: () => validation('body', 'must not be empty'),
  FST_ERR_CTP_INVALID_JSON_BODY: bodyNotJson,
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    validation('body', 'must have the length given in Content-Length'),
  FST_ERR_BAD_URL: () => validation('path', 'must not contain malformed percent-encoding'),
  FST_ERR_MAX_PARAM_LENGTH: () => validation('path', 'must not contain a parameter that is too long'),
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
  // Fastify and its parsers set a code on their own client errors. The status of any other error is not trusted.
  return fastifyCode(thrown) === undefined ? undefined : (thrown as { statusCode?: number }).statusCode;
}
