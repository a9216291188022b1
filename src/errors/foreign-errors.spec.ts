import { BadRequestException, HttpException, NotFoundException } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import { bodyRefused, toGatewayError } from './foreign-errors.js';
import { GatewayError } from './gateway-error.js';
import { problem } from './problem-details.js';

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
