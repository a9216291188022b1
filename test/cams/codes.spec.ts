import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ACME, type TestGateway, startTestGateway } from '../support/gateway.js';
import {
  TRANSPORTS,
  type Target,
  type Transport,
  arrangeGroup,
  ask,
  learn,
  operation,
} from '../support/operations.js';

/** What the vendor's codes and WhatsApp's numbers mean. Source: the contract, copied by hand. */
const REJECTED = ['UPSTREAM_REJECTED', 'UPSTREAM_REJECTED'] as const;
const OPERATOR = ['UPSTREAM_NOT_ALLOWED', 'UPSTREAM_NOT_ALLOWED'] as const;
const THROTTLED = ['UPSTREAM_THROTTLED', 'UPSTREAM_THROTTLED'] as const;
const UNCLEAR = ['UPSTREAM_UNAVAILABLE', 'OUTCOME_UNKNOWN'] as const;
/** Each call has its own nonce: an earlier copy of it may have been executed. */
const REPEATED = ['UPSTREAM_NOT_ALLOWED', 'OUTCOME_UNKNOWN'] as const;
const MISSING = ['NOT_FOUND', 'NOT_FOUND'] as const;
/** Success, with the details read back; a read has nothing to do in part. */
const IN_PART = ['UPSTREAM_UNAVAILABLE', undefined] as const;
const PICTURE = ['UPSTREAM_REJECTED', 'VALIDATION_FAILED'] as const;

type Endings = readonly [read: string, write: string | undefined];

/** Code, how a read and an update end, and the HTTP status by which it comes. */
const CODES: readonly (readonly [string, Endings, number?])[] = [
  ['Product.Unsubscript', OPERATOR, 400],
  ['Ram.PermissionDeny', OPERATOR, 400],
  ['NoPermission', OPERATOR, 403],
  ['Authentication.NoAuth', OPERATOR],
  ['InvalidApi.NotFound', OPERATOR, 404],
  ['InvalidAction.NotFound', OPERATOR, 404],
  ['InvalidVersion', OPERATOR, 404],
  ['InvalidAccessKeyId.NotFound', OPERATOR, 404],
  ['InvalidSecurityToken.Expired', OPERATOR, 400],
  ['SignatureDoesNotMatch', OPERATOR, 400],
  ['SignatureNonceUsed', REPEATED, 400],
  ['InvalidTimeStamp.Expired', OPERATOR, 400],
  ['System.LimitControl', THROTTLED, 400],
  ['Throttling', THROTTLED, 400],
  ['Throttling.User', THROTTLED, 429],
  ['Throttling.Api', THROTTLED, 400],
  ['InvalidParameter.PageInvalid', REJECTED],
  ['InvalidParameter.ChannelTypeNotSupport', REJECTED],
  ['InvalidParameter.PhoneNumberError', REJECTED],
  ['InvalidParameter.NeverHeardOf', REJECTED],
  ['MissingGroupId', REJECTED, 400],
  ['Never.HeardOf', REJECTED],
  ['Never.HeardOf', REJECTED, 409],
  ['Never.HeardOf', UNCLEAR, 500],
  ['InternalError', UNCLEAR, 500],
  ['InternalFailure', UNCLEAR, 500],
  ['ServiceUnavailable', UNCLEAR, 503],
  ['131020', REJECTED],
  ['131041', MISSING],
  ['131059', REJECTED],
  ['131201', IN_PART],
  ['131202', REJECTED],
  ['131203', OPERATOR],
  ['131204', REJECTED],
  ['131207', REJECTED],
  ['131208', THROTTLED],
  ['131209', PICTURE],
  ['131210', PICTURE],
  ['131211', OPERATOR],
  ['131212', REJECTED],
  ['131214', OPERATOR],
  ['131215', OPERATOR],
  ['131026', REJECTED],
];
const STATUS: Readonly<Record<string, number>> = {
  UPSTREAM_REJECTED: 422,
  UPSTREAM_NOT_ALLOWED: 502,
  UPSTREAM_THROTTLED: 503,
  UPSTREAM_UNAVAILABLE: 502,
  OUTCOME_UNKNOWN: 504,
  NOT_FOUND: 404,
  VALIDATION_FAILED: 400,
};

let gateway: TestGateway;
let target: Target;

beforeAll(async () => {
  gateway = await startTestGateway();
  target = await arrangeGroup(gateway, ACME);
  await learn(gateway, target);
});
afterAll(() => gateway.close());
beforeEach(async () => {
  await gateway.sandbox.clearFaults();
  await gateway.sandbox.forgetCalls();
});

const CASES = CODES.flatMap(([code, endings, status]) => {
  const what = status === undefined ? code : `${code} with HTTP ${status}`;
  const asCode = [what, { code, ...(status && { status }) }, endings, code] as const;
  if (!/^\d+$/.test(code)) return [asCode];
  const inMessage = { code: 'GroupError', message: `${code}:Some reason` };
  return [asCode, [`${code} at the start of the message`, inMessage, endings, code] as const];
});

describe.each(TRANSPORTS)('over %s', (transport) => {
  it.each(CASES)('a read ends as the catalogue says if CAMS sends %s', async (_what, fault, [read], code) => {
    await gateway.sandbox.fault({ kind: 'reject', action: 'ListChatGroupParticipants', ...fault });
    await expectEnding(transport, 'list members', read, code);
  });

  it.each(CASES)(
    'a write ends as the catalogue says if CAMS sends %s',
    async (_what, fault, [, write], code) => {
      await gateway.sandbox.fault({ kind: 'reject', action: 'UpdateChatGroup', ...fault });
      await expectEnding(transport, 'update a group', write, code);
      expect(await gateway.sandbox.calls('UpdateChatGroup')).toHaveLength(1);
    },
  );

  it.each(['ListChatGroupParticipants', 'UpdateChatGroup'])(
    'Retry-After is what CAMS asks for: %s',
    async (action) => {
      await gateway.sandbox.fault({ kind: 'throttle', action, ms: 1_001 });
      const name = action === 'UpdateChatGroup' ? 'update a group' : 'list members';
      const { answer, error } = await ask(gateway, transport, operation(name), target);
      expect(error).toMatchObject({ code: 'UPSTREAM_THROTTLED', upstreamCode: 'Throttling.User' });
      if (transport === 'REST') expect(answer.headers.get('retry-after')).toBe('2');
    },
  );
});

async function expectEnding(
  transport: Transport,
  name: string,
  ending: string | undefined,
  upstreamCode: string,
): Promise<void> {
  const { answer, error } = await ask(gateway, transport, operation(name), target);
  if (ending === undefined) return expect(error).toBeUndefined();
  expect(error).toMatchObject({ code: ending, status: STATUS[ending], upstreamCode });
  const retryAfter = answer.headers.get('retry-after');
  if (transport === 'REST') {
    expect(answer.status).toBe(STATUS[ending]);
    expect(retryAfter !== null).toBe(ending === 'UPSTREAM_THROTTLED');
  }
}
