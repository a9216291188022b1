import { describe, expect, it } from '@jest/globals';
import { classifyThrown, type WireFacts } from './cams-failure.js';

const SENT: WireFacts = {
  mayHaveBeenSent: true,
  status: undefined,
  tooLarge: false,
  notUtf8: false,
  tooDeep: false,
  retryAfterSeconds: undefined,
};
const ANSWERED: WireFacts = { ...SENT, status: 200 };
const NOT_SENT: WireFacts = { ...SENT, mayHaveBeenSent: false };

const thrown = (fields: object, message = 'POST http://x/?BusinessNumber=8613800000001 failed'): Error =>
  Object.assign(new Error(message), fields);

describe('an error thrown by the vendor’s client', () => {
  it.each<[string, unknown, WireFacts, object]>([
    ['a refused connection', thrown({ code: 'ECONNREFUSED' }), SENT, { kind: 'lost', sent: false }],
    ['an unknown host', thrown({ code: 'ENOTFOUND' }), SENT, { kind: 'lost', sent: false }],
    ['a reset', thrown({ code: 'ECONNRESET' }), SENT, { kind: 'lost', sent: true, errorCode: 'ECONNRESET' }],
    ['a reset before the handshake', thrown({ code: 'ECONNRESET' }), NOT_SENT, { kind: 'lost', sent: false }],
    ['a bad certificate', thrown({ code: 'CERT_HAS_EXPIRED' }), NOT_SENT, { kind: 'lost', sent: false }],
    ['a response that ends early', thrown({ code: 'ECONNRESET' }), ANSWERED, { kind: 'lost', sent: true }],
    [
      'the client’s read timeout',
      thrown({ name: 'RequestTimeoutError' }),
      SENT,
      { kind: 'timeout', sent: true },
    ],
    [
      'the client’s connect timeout',
      thrown({ name: 'RequestTimeoutError' }),
      NOT_SENT,
      { kind: 'timeout', sent: false },
    ],
    ['a body that is not JSON', new SyntaxError('<html>'), ANSWERED, { kind: 'broken', what: 'not JSON' }],
    ['a body that is not an object', new Error('value is not a object'), ANSWERED, { kind: 'broken' }],
    [
      'a response that is too large',
      thrown({ code: 'ECONNRESET' }),
      { ...ANSWERED, tooLarge: true },
      { kind: 'broken' },
    ],
    [
      'a response that is not UTF-8',
      new SyntaxError('x'),
      { ...ANSWERED, notUtf8: true },
      { what: 'not UTF-8' },
    ],
    [
      'an HTTP error that is not UTF-8',
      thrown({ code: 'Throttling', statusCode: 400, data: { Code: 'Throttling' } }),
      { ...ANSWERED, status: 400, notUtf8: true },
      { kind: 'broken', what: 'not UTF-8', status: 400 },
    ],
    ['a value that is not an error', 'oops', SENT, { kind: 'broken' }],
  ])('classifies %s', (_title, error, facts, expected) => {
    expect(classifyThrown(error, facts)).toMatchObject(expected);
  });

  it.each([
    ['an object', { Code: 'Throttling.User', Message: 'slow', RequestId: 'r-1\n', statusCode: 400 }],
    ['text', '{"Code":"Throttling.User","Message":"slow","RequestId":"r-1\\n"}'],
  ])('classifies an HTTP error whose body is %s as refused', (_title, data) => {
    const failure = classifyThrown(thrown({ code: 'Throttling.User', statusCode: 400, data }), SENT);
    expect(failure).toMatchObject({
      kind: 'refused',
      status: 400,
      code: 'Throttling.User',
      message: 'slow',
      requestId: 'r-1',
    });
  });

  it.each([
    ['text that is not JSON', 'oops'],
    ['success in the body of an error', { Code: 'OK' }],
    ['null', null],
  ])('classifies an HTTP error with %s as broken', (_title, data) => {
    expect(classifyThrown(thrown({ code: 'x', statusCode: 500, data }), SENT).kind).toBe('broken');
  });

  it('never passes on a message of the client', () => {
    for (const error of [
      thrown({ code: 'ECONNRESET' }),
      thrown({ name: 'RequestTimeoutError' }),
      thrown({}),
    ]) {
      expect(JSON.stringify(classifyThrown(error, SENT))).not.toContain('8613800000001');
    }
  });
});
