import { BadRequestException, HttpException, NotFoundException } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import { bodyRefused, toGatewayError } from './foreign-errors.js';
import { GatewayError } from './gateway-error.js';
import { problem } from './problem-details.js';

describe('toGatewayError', () => {
  const fastifyError = (code: string, statusCode: number): Error =>
    Object.assign(new Error('original message'), { code, statusCode });

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
    [new NotFoundException('original message'), 'NOT_FOUND'],
    [new BadRequestException('original message'), 'VALIDATION_FAILED'],
    [new HttpException('original message', 418), 'INTERNAL'],
    [new TypeError('original message'), 'INTERNAL'],
    [Object.assign(new Error('original message'), { statusCode: 404 }), 'INTERNAL'],
    ['original message', 'INTERNAL'],
    [undefined, 'INTERNAL'],
    [null, 'INTERNAL'],
  ])('maps a thrown value to a catalogue error without its message: case %#', (thrown, code) => {
    const error = toGatewayError(thrown);
    expect(error.code).toBe(code);
    expect(JSON.stringify(problem(error, 'id'))).not.toContain('original message');
  });

  it('returns a gateway error unchanged', () => {
    const error = new GatewayError('CONFLICT', 'x');
    expect(toGatewayError(error)).toBe(error);
  });
});

describe('bodyRefused', () => {
  it.each([
    ['{', ['body']],
    ['{"a":', ['body']],
    ['{"__proto__":1}', ['__proto__']],
    [String.raw`{"\u005f_proto__":1,"constructor":{"prototype":{}}}`, ['__proto__', 'constructor']],
  ])('names the invalid fields of %s', (body, fields) => {
    expect(bodyRefused(body).options.violations?.map(({ field }) => field)).toEqual(fields);
  });
});
