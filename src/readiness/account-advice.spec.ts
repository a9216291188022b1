import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { loadConfig } from '../config/config.js';
import { type ErrorCode } from '../errors/catalogue.js';
import { GatewayError } from '../errors/gateway-error.js';
import { Account, type CredentialSource } from '../tenancy/account.js';
import { AccountAdvice } from './account-advice.js';
import type { Verdict } from './account-check.js';

const ENV = {
  CAMS_ENDPOINT: 'cams.example.com',
  TENANTS_FILE: 'tenants.yaml',
  SINGLE_INSTANCE: 'true',
  API_KEY_PEPPER: 'a pepper for this test, long enough',
  CAMS_ACCESS_KEY_ID: 'canary-id',
  CAMS_ACCESS_KEY_SECRET: 'canary-secret',
};
const CHAIN: CredentialSource = { kind: 'chain' };
const OF_ENV: Extract<CredentialSource, { kind: 'static' }> = {
  kind: 'static',
  accessKeyId: ENV.CAMS_ACCESS_KEY_ID,
  accessKeySecret: ENV.CAMS_ACCESS_KEY_SECRET,
  isOfSettings: true,
};
/** After a reload. */
const ROTATED: CredentialSource = { ...OF_ENV, accessKeySecret: 'canary-other' };
/** The values are those of the settings; only the file says where they come from. */
const OF_FILE: CredentialSource = {
  kind: 'static',
  accessKeyId: OF_ENV.accessKeyId,
  accessKeySecret: OF_ENV.accessKeySecret,
};
const advice = new AccountAdvice(loadConfig(ENV));

const target = (source: CredentialSource) =>
  ({
    kind: 'number',
    account: new Account('main', source),
    tenantId: 'acme',
    custSpaceId: 'canary-space',
    businessNumber: '8613800000001',
  }) as const;

function refused(source: CredentialSource, code: string, message = '', clockOffsetMs?: number): Verdict {
  const outcome = { kind: 'refused', status: 400, code, message, requestId: undefined } as const;
  return advice.sent(target(source), { outcome, clockOffsetMs });
}

beforeAll(() => Logger.overrideLogger(false));

describe('the advice about an account', () => {
  it.each<[string, CredentialSource, RegExp]>([
    ['the settings', OF_ENV, /Check CAMS_ACCESS_KEY_SECRET of account main\./],
    ['the settings, reloaded', ROTATED, /Check CAMS_ACCESS_KEY_SECRET of account main\./],
    [
      'the tenants file',
      OF_FILE,
      /Check the access key secret of account main, whose source the tenants file/,
    ],
    ['the default chain', CHAIN, /Check the secret that the default credential chain .* for account main\./],
  ])('names where a wrong secret comes from: %s', (_what, source, pattern) => {
    expect(refused(source, 'SignatureDoesNotMatch')).toEqual({
      ok: false,
      advice: expect.stringMatching(pattern),
    });
  });

  it('names the setting with the path of the file that a secret is in', () => {
    const { CAMS_ACCESS_KEY_SECRET: _, ...env } = ENV;
    const path = fileURLToPath(import.meta.url);
    const config = loadConfig({ ...env, CAMS_ACCESS_KEY_SECRET_FILE: path });
    const outcome = { kind: 'refused', status: 400, code: 'SignatureDoesNotMatch', message: '' } as const;
    const call = { outcome: { ...outcome, requestId: undefined }, clockOffsetMs: undefined };
    expect(new AccountAdvice(config).sent(target(OF_ENV), call)).toMatchObject({
      advice: expect.stringContaining('Check CAMS_ACCESS_KEY_SECRET_FILE of account main.'),
    });
  });

  it.each<[string, RegExp]>([
    ['InvalidAccessKeyId.NotFound', /CAMS_ACCESS_KEY_ID/],
    ['InvalidAccessKeyId.Inactive', /the key is enabled/],
    ['MissingSecurityToken', /CAMS_SECURITY_TOKEN/],
    ['InvalidSecurityToken.Expired', /CAMS_SECURITY_TOKEN of account main: it may have expired/],
    ['Product.Unsubscript', /Activate Chat App Message Service/],
    ['Ram.PermissionDeny', /Grant the RAM action cams:ListChatGroup/],
    ['InvalidApi.NotFound', /Activate the product and ask Alibaba Cloud to allow-list/],
    ['131215', /Obtain that for this business number\./],
    ['SignatureNonceUsed', /proxy .* may repeat requests/],
    ['131000', /^CAMS failed to process/],
    ['InvalidTimeStamp.Format', /^This machine's clock is more than 15 minutes off .*NTP/],
  ])('says what to do about %s, without secrets and numbers', (code, pattern) => {
    const verdict = refused(OF_ENV, code, 'For 8613800000001, acs:ram::123456:user/canary, LTAI5canary');
    expect(verdict).toEqual({ ok: false, advice: expect.stringMatching(pattern) });
    expect(JSON.stringify(verdict)).not.toMatch(/canary|8613800000001/);
  });

  it('waits for as long as CAMS throttles', () => {
    const { ok: _ok, ...verdict } = refused(OF_ENV, 'Throttling.User');
    expect(verdict).toMatchObject({ retryAfterMs: 2_000 });
  });

  it.each<[number, string | undefined]>([
    [59_999, undefined],
    [-59_999, undefined],
    [60_000, "This machine's clock is 1 minute behind CAMS"],
    [-14 * 60_000, "This machine's clock is 14 minutes ahead of CAMS"],
  ])('warns of a clock that CAMS still accepts: %i ms', (clockOffsetMs, warning) => {
    const verdict = advice.sent(target(OF_ENV), {
      outcome: { result: {}, requestId: undefined },
      clockOffsetMs,
    });
    expect(verdict).toEqual(
      warning === undefined ? { ok: true } : { ok: true, warning: expect.stringContaining(warning) },
    );
  });

  it('names the unit that fits a clock that is far off', () => {
    const skew = (ms: number): unknown => refused(OF_ENV, 'InvalidTimeStamp.Expired', '', ms);
    expect(skew(8 * 3_600_000)).toMatchObject({ advice: expect.stringContaining('8 hours behind') });
    expect(skew(-400 * 86_400_000)).toMatchObject({ advice: expect.stringContaining('400 days ahead') });
  });

  it.each<[ErrorCode, RegExp]>([
    ['UPSTREAM_NOT_ALLOWED', /^Account main has no credentials\. Set CAMS_ACCESS_KEY_ID/],
    ['UPSTREAM_TIMEOUT', /credential chain .* did not return credentials for account main in time\. .*STS/],
    ['OVERLOADED', /^The check waited too long behind other calls/],
    ['NOT_FOUND', /^Not checked yet\.$/],
    ['INTERNAL', /internal error of the gateway/],
  ])('explains a check that could not be sent: %s', (code, pattern) => {
    const verdict = advice.unsent(target(CHAIN), new GatewayError(code, 'A detail for callers.'));
    expect(verdict).toEqual({ ok: false, advice: expect.stringMatching(pattern) });
  });
});
