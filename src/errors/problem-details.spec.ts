import { describe, expect, it } from '@jest/globals';
import { ERRORS } from './catalogue.js';
import { GatewayError } from './gateway-error.js';
import { errorHeaders, problem } from './problem-details.js';

describe('problem', () => {
  it.each(Object.entries(ERRORS))('renders %s', (code, { status, retryable, title }) => {
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

  it('includes upstream details, the operation and violations, but not the cause', () => {
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

describe('retryAfter', () => {
  it('is the time to wait in whole seconds, as in the header', () => {
    const error = new GatewayError('RATE_LIMITED', 'Later.', { retryAfterSeconds: 3_308.2 });
    expect(problem(error, 'id-1').retryAfter).toBe(3_309);
    expect(errorHeaders(error)['Retry-After']).toBe('3309');
    const soon = new GatewayError('OVERLOADED', 'Soon.', { retryAfterSeconds: 0.01 });
    expect(problem(soon, 'id-1').retryAfter).toBe(1);
  });
});

describe('errorHeaders', () => {
  it.each([
    [new GatewayError('UNAUTHENTICATED', ''), { 'WWW-Authenticate': 'Bearer' }],
    [
      new GatewayError('UNAUTHENTICATED', '', { invalidToken: 'The token has expired' }),
      { 'WWW-Authenticate': 'Bearer error="invalid_token", error_description="The token has expired"' },
    ],
    [new GatewayError('METHOD_NOT_ALLOWED', '', { allow: ['GET', 'HEAD'] }), { Allow: 'GET, HEAD' }],
    [new GatewayError('OVERLOADED', '', { retryAfterSeconds: 0.2 }), { 'Retry-After': '1' }],
    [new GatewayError('RATE_LIMITED', '', { retryAfterSeconds: 12.1 }), { 'Retry-After': '13' }],
    [new GatewayError('NOT_FOUND', ''), {}],
  ])('returns the headers of an error: case %#', (error, headers) => {
    expect(errorHeaders(error)).toEqual(headers);
  });
});
