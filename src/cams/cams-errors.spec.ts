import { describe, expect, it } from '@jest/globals';
import type { ErrorCode } from '../errors/catalogue.js';
import { toGatewayError } from './cams-errors.js';
import type { CamsFailure } from './cams-failure.js';

const READ = { action: 'ListChatGroup', kind: 'read' } as const;
const WRITE = { action: 'AddChatGroup', kind: 'write' } as const;

function refused(status: number, code: unknown, message: unknown = 'no'): CamsFailure {
  return { kind: 'refused', status, code, message, requestId: 'r-1' };
}

const THROTTLED = ['UPSTREAM_THROTTLED', 'UPSTREAM_THROTTLED'] as const;
const NOT_ALLOWED = ['UPSTREAM_NOT_ALLOWED', 'UPSTREAM_NOT_ALLOWED'] as const;
const REJECTED = ['UPSTREAM_REJECTED', 'UPSTREAM_REJECTED'] as const;
const SERVER_FAULT = ['UPSTREAM_UNAVAILABLE', 'OUTCOME_UNKNOWN'] as const;
const REJECTED_OR_UNKNOWN = ['UPSTREAM_REJECTED', 'OUTCOME_UNKNOWN'] as const;

describe('a request that CAMS refused', () => {
  it.each<[number, unknown, readonly [ErrorCode, ErrorCode]]>([
    [400, 'Throttling', THROTTLED],
    [400, 'Throttling.User', THROTTLED],
    [429, 'Throttling.Api', THROTTLED],
    [503, 'Throttling.User', THROTTLED],
    [200, 'Throttling.User', THROTTLED],
    [400, 'System.LimitControl', THROTTLED],
    [429, undefined, THROTTLED],
    [429, 'TooMuch', THROTTLED],
    [400, 'Product.Unsubscript', NOT_ALLOWED],
    [400, 'Ram.PermissionDeny', NOT_ALLOWED],
    [403, 'NoPermission', NOT_ALLOWED],
    [200, 'Authentication.NoAuth', NOT_ALLOWED],
    [400, 'InvalidTimeStamp.Expired', NOT_ALLOWED],
    [400, 'SignatureNonceUsed', ['UPSTREAM_NOT_ALLOWED', 'OUTCOME_UNKNOWN']],
    [400, 'SignatureDoesNotMatch', NOT_ALLOWED],
    [400, 'IncompleteSignature', NOT_ALLOWED],
    [404, 'InvalidAccessKeyId.NotFound', NOT_ALLOWED],
    [400, 'InvalidAccessKeyId.Inactive', NOT_ALLOWED],
    [400, 'InvalidSecurityToken.Expired', NOT_ALLOWED],
    [400, 'MissingSecurityToken', NOT_ALLOWED],
    [403, 'Forbidden.AccessKeyDisabled', NOT_ALLOWED],
    [200, 'InvalidParameter.PageInvalid', REJECTED],
    [200, 'InvalidParameter.ChannelTypeNotSupport', REJECTED],
    [200, 'InvalidParameter.SystemNumber', REJECTED],
    [400, 'MissingSubject', REJECTED],
    [404, 'InvalidApi.NotFound', NOT_ALLOWED],
    [404, 'InvalidAction.NotFound', NOT_ALLOWED],
    [404, 'InvalidVersion', NOT_ALLOWED],
    [400, 'InvalidVersion.NotFound', NOT_ALLOWED],
    [200, 'InvalidApiKey', REJECTED],
    [200, 'UndocumentedCode', REJECTED],
    [400, 'UndocumentedCode', REJECTED],
    [400, undefined, REJECTED],
    [200, 'SystemBusy', REJECTED_OR_UNKNOWN],
    [200, 'isv.SYSTEM_ERROR', REJECTED_OR_UNKNOWN],
    [400, 'Backend.Timeout', REJECTED_OR_UNKNOWN],
    [400, 'GroupUnavailable', REJECTED_OR_UNKNOWN],
    [500, 'InternalError', SERVER_FAULT],
    [200, 'InternalError', SERVER_FAULT],
    [500, 'InternalFailure', SERVER_FAULT],
    [503, 'ServiceUnavailable', SERVER_FAULT],
    [500, 'UndocumentedCode', SERVER_FAULT],
    [502, undefined, SERVER_FAULT],
  ])('maps HTTP %i with code %p, for a read and a write, to %p', (status, code, [read, write]) => {
    expect(toGatewayError(refused(status, code), READ).code).toBe(read);
    expect(toGatewayError(refused(status, code), WRITE).code).toBe(write);
  });

  it('keeps the upstream code and request id', () => {
    expect(toGatewayError(refused(200, 'SomeCode'), READ).options).toMatchObject({
      upstreamCode: 'SomeCode',
      upstreamRequestId: 'r-1',
    });
  });

  it.each(['InvalidParameter', 'InvalidParameter.PhoneNumberError', 'MissingSubject'])(
    'includes the cleaned message of %s, which is about what the caller sent',
    (code) => {
      const error = toGatewayError(refused(200, code, 'Number 8613800000001 at https://a.b/c'), READ);
      expect(error.detail).toBe('CAMS refused the request: Number 8613******001 at');
    },
  );

  it.each(['X', 'Unheard.Of', 'Account.Arrears', 'Missing', 'InvalidParameters', undefined])(
    'does not include the message of %p, which may be about the account',
    (code) => {
      const error = toGatewayError(refused(200, code, 'Quota of user bob in project acme is used up'), READ);
      expect(error.detail).toBe('CAMS refused the request.');
    },
  );

  it('sets the retry delay after throttling', () => {
    expect(toGatewayError(refused(400, 'Throttling.User'), READ).options.retryAfterSeconds).toBe(2);
  });

  it('names the permission that the operator must grant, without the CAMS message', () => {
    const message = 'User acs:ram::1234567890123456:user/bob is not authorized';
    const error = toGatewayError(refused(403, 'NoPermission', message), WRITE);
    expect(error.detail).toContain('cams:AddChatGroup');
    expect(error.detail).not.toMatch(/bob|\d{4}|\*/);
  });

  it('explains that the account is not allow-listed', () => {
    expect(toGatewayError(refused(200, 'Authentication.NoAuth'), READ).detail).toContain('allow-listed');
  });

  it('explains how to find out the outcome of a write', () => {
    expect(toGatewayError(refused(500, 'InternalError'), WRITE).detail).toContain(
      'List the groups with this subject',
    );
  });
});

const PICTURE = { action: 'UpdateChatGroup', kind: 'write' } as const;
const MEMBERS = { action: 'ListChatGroupParticipants', kind: 'read' } as const;

describe("an error number of Meta's", () => {
  const TABLE: readonly [string, ErrorCode, ErrorCode][] = [
    ['131208', ...THROTTLED],
    ['130429', ...THROTTLED],
    ['131203', ...NOT_ALLOWED],
    ['131211', ...NOT_ALLOWED],
    ['131214', ...NOT_ALLOWED],
    ['131215', ...NOT_ALLOWED],
    ['131020', ...REJECTED],
    ['131059', ...REJECTED],
    ['131202', ...REJECTED],
    ['131204', ...REJECTED],
    ['131207', ...REJECTED],
    ['131212', ...REJECTED],
    // In a list of groups, no group is named.
    ['131041', ...REJECTED],
    ['131209', ...REJECTED],
    ['131201', ...SERVER_FAULT],
    ['131000', ...SERVER_FAULT],
    ['131026', ...REJECTED],
  ];
  const FORMS: readonly [string, (number: string) => CamsFailure][] = [
    ['as the code', (number) => refused(200, number)],
    ['as a number', (number) => refused(400, Number(number))],
    ['at the start of the code', (number) => refused(200, `${number}:Receiver is incapable`)],
    ['at the start of the message', (number) => refused(200, 'ProductError', `${number}: no`)],
    ["in Meta's form", (number) => refused(400, 'ProductError', `(#${number}) no`)],
  ];

  describe.each(FORMS)('%s', (_form, make) => {
    it.each(TABLE)('%s is %s for a read and %s for a write', (number, read, write) => {
      expect(toGatewayError(make(number), READ)).toMatchObject({
        code: read,
        options: { upstreamCode: number },
      });
      expect(toGatewayError(make(number), WRITE).code).toBe(write);
    });
  });

  it.each([
    ['131020', 'the group has only one member.'],
    ['131041', 'WhatsApp does not know this group.'],
    ['131059', 'the position in the list is not valid.'],
    ['131202', 'a member is named twice.'],
    ['131204', 'too many members at once.'],
    ['131207', 'WhatsApp has suspended the group.'],
    ['131212', 'at least one of these people is not a member of the group.'],
  ])('%s is explained in our own words', (number, words) => {
    const failure = refused(200, number, '8613700000001 is the problem');
    expect(toGatewayError(failure, READ).detail).toBe(`CAMS refused the request: ${words}`);
  });

  it.each(['130429', '131208'])('%s asks to wait 10 seconds', (number) => {
    expect(toGatewayError(refused(200, number), READ).options.retryAfterSeconds).toBe(10);
  });

  it.each([
    [500, 'InternalError'],
    [200, 'InternalError'],
    [503, '131212'],
    [200, 'isv.SYSTEM_ERROR'],
  ])('does not make a failure of CAMS a refusal: HTTP %i with code %s', (status, code) => {
    for (const number of ['131208', '131212', '131203'])
      expect(toGatewayError(refused(status, code, `${number}: no`), WRITE).code).toBe('OUTCOME_UNKNOWN');
  });

  it.each([
    '8613102600001',
    '1310261',
    'no 131208 here',
    '13102',
    '131208-45678 is not a member',
    '131208 45678: timed out',
    '131208/45678',
    '131208.45678',
  ])('is not found in %j', (message) => {
    expect(toGatewayError(refused(200, 'X', message), READ)).toMatchObject({
      code: 'UPSTREAM_REJECTED',
      options: { upstreamCode: 'X' },
    });
  });

  it('means that the group does not exist if the call names a group', () => {
    expect(toGatewayError(refused(200, '131041'), PICTURE).code).toBe('NOT_FOUND');
    expect(toGatewayError(refused(200, '131041'), MEMBERS).code).toBe('NOT_FOUND');
  });

  it.each(['131203', '131211', '131214', '131215'])('says what the operator must do: %s', (number) => {
    expect(toGatewayError(refused(200, number), WRITE).detail).toContain('The operator must');
  });

  it.each(['131209', '131210'])('names the field of the picture: %s', (number) => {
    const { code, options } = toGatewayError(refused(200, number), PICTURE);
    expect([code, options.violations?.[0]?.field]).toEqual(['VALIDATION_FAILED', 'profilePictureUrl']);
  });
});

describe('a call without a usable response', () => {
  it.each<[string, CamsFailure, ErrorCode, ErrorCode]>([
    ['no response in time', { kind: 'timeout', sent: true }, 'UPSTREAM_TIMEOUT', 'OUTCOME_UNKNOWN'],
    ['no connection in time', { kind: 'timeout', sent: false }, 'UPSTREAM_TIMEOUT', 'UPSTREAM_TIMEOUT'],
    [
      'connection refused',
      { kind: 'lost', sent: false, errorCode: 'ECONNREFUSED' },
      'UPSTREAM_UNAVAILABLE',
      'UPSTREAM_UNAVAILABLE',
    ],
    [
      'connection reset',
      { kind: 'lost', sent: true, errorCode: 'ECONNRESET' },
      'UPSTREAM_UNAVAILABLE',
      'OUTCOME_UNKNOWN',
    ],
    [
      'invalid response',
      { kind: 'broken', what: 'not JSON', status: 200 },
      'UPSTREAM_UNAVAILABLE',
      'OUTCOME_UNKNOWN',
    ],
  ])('maps %s to %3$s for a read and %4$s for a write', (_title, failure, read, write) => {
    expect(toGatewayError(failure, READ).code).toBe(read);
    expect(toGatewayError(failure, WRITE).code).toBe(write);
  });

  it.each([
    [50, 'lower CAMS_PAGE_SIZE, to at most 50'],
    [0, 'lower CAMS_PAGE_SIZE'],
    [undefined, 'although more exist.'],
  ])('advises a page size only if CAMS may have limited it: %p', (maxSize, end) => {
    const error = toGatewayError({ kind: 'short-page', maxSize, requestId: 'r-1' }, READ);
    expect(error.code).toBe('UPSTREAM_UNAVAILABLE');
    expect(error.detail.endsWith(end) || error.detail.endsWith(`${end}.`)).toBe(true);
  });
});
