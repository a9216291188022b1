import { BadRequestException, HttpException, NotFoundException } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import { bodyRefused, errorHeaders, problem, toGatewayError } from './error-rendering.js';
import { ERRORS, GatewayError } from './errors.js';

describe('the catalogue', () => {
  it.each(Object.entries(ERRORS))('can render %s', (code, { status, retryable, title }) => {
    const error = new GatewayError(code as keyof typeof ERRORS, 'Because.');
    expect(problem(error, 'id-1')).toEqual({
      type: `/docs/errors#${code}`,
      title,
      status,
      detail: 'Because.',
      code,
      requestId: 'id-1',
      retryable,
    });
  });

  it('shows what is known of the upstream, and what a caller can act on', () => {
    const known = {
      upstreamRequestId: 'u-1',
      upstreamCode: 'Busy',
      operationId: 'op_1',
      retryable: true,
      status: 599,
    };
    const violations = [{ field: 'a', message: 'b' }];
    const error = new GatewayError('OUTCOME_UNKNOWN', 'Sent.', {
      ...known,
      violations,
      cause: new Error('secret'),
    });
    const rendered = problem(error, 'id-1');
    expect(rendered).toMatchObject({ ...known, violations });
    expect(JSON.stringify(rendered)).not.toContain('secret');
  });
});

describe('headers of an error', () => {
  it.each([
    [new GatewayError('UNAUTHENTICATED', ''), { 'WWW-Authenticate': 'Bearer' }],
    [new GatewayError('METHOD_NOT_ALLOWED', '', { allow: ['GET', 'HEAD'] }), { Allow: 'GET, HEAD' }],
    [new GatewayError('OVERLOADED', '', { retryAfterSeconds: 0.2 }), { 'Retry-After': '1' }],
    [new GatewayError('RATE_LIMITED', '', { retryAfterSeconds: 12.1 }), { 'Retry-After': '13' }],
    [new GatewayError('NOT_FOUND', ''), {}],
  ])('%#', (error, headers) => {
    expect(errorHeaders(error)).toEqual(headers);
  });
});

describe('what was thrown', () => {
  const fastifyError = (code: string, statusCode: number): Error =>
    Object.assign(new Error('its own words'), { code, statusCode });

  it.each([
    [fastifyError('FST_ERR_CTP_BODY_TOO_LARGE', 413), 'PAYLOAD_TOO_LARGE'],
    [fastifyError('FST_ERR_CTP_INVALID_MEDIA_TYPE', 415), 'UNSUPPORTED_MEDIA_TYPE'],
    [fastifyError('FST_ERR_CTP_EMPTY_JSON_BODY', 400), 'VALIDATION_FAILED'],
    [fastifyError('FST_ERR_CTP_INVALID_CONTENT_LENGTH', 400), 'VALIDATION_FAILED'],
    [fastifyError('FST_ERR_BAD_URL', 400), 'VALIDATION_FAILED'],
    [fastifyError('FST_ERR_MAX_PARAM_LENGTH', 414), 'VALIDATION_FAILED'],
    [fastifyError('FST_ERR_NOT_FOUND', 404), 'NOT_FOUND'],
    [fastifyError('FST_ERR_NEW_ONE', 413), 'PAYLOAD_TOO_LARGE'],
    [fastifyError('FST_ERR_NEW_ONE', 500), 'INTERNAL'],
    [new NotFoundException('its own words'), 'NOT_FOUND'],
    [new BadRequestException('its own words'), 'VALIDATION_FAILED'],
    [new HttpException('its own words', 418), 'INTERNAL'],
    [new TypeError('its own words'), 'INTERNAL'],
    [Object.assign(new Error('its own words'), { statusCode: 404 }), 'INTERNAL'],
    ['its own words', 'INTERNAL'],
    [undefined, 'INTERNAL'],
    [null, 'INTERNAL'],
  ])('is one of the catalogue, without its own words: %#', (thrown, code) => {
    const error = toGatewayError(thrown);
    expect(error.code).toBe(code);
    expect(JSON.stringify(problem(error, 'id'))).not.toContain('its own words');
  });

  it('stays what it is if it is of the catalogue', () => {
    const error = new GatewayError('CONFLICT', 'x');
    expect(toGatewayError(error)).toBe(error);
  });
});

describe('a body that is refused', () => {
  it.each([
    ['{', ['body']],
    ['{"a":', ['body']],
    ['{"__proto__":1}', ['__proto__']],
    [String.raw`{"\u005f_proto__":1,"constructor":{"prototype":{}}}`, ['__proto__', 'constructor']],
  ])('names what is wrong: %s', (body, fields) => {
    expect(bodyRefused(body).options.violations?.map(({ field }) => field)).toEqual(fields);
  });
});
