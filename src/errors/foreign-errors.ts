import { HttpException } from '@nestjs/common';
import { GatewayError, asGatewayError, notFound, validationFailed } from './gateway-error.js';

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
