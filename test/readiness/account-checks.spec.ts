import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ACME_TENANT,
  type CheckedGateway,
  type CheckStage,
  startCheckedGateway,
  startCheckStage,
} from '../support/checked-gateway.js';
import { ACME, ACME_KEY } from '../support/gateway.js';
import { apiKeyOf, soleTenantFile } from '../support/sole-tenant.js';
import { unusedPort } from '../support/unused-port.js';

const MINUTES = 60_000;

interface Fault {
  readonly settings?: Readonly<Record<string, string>>;
  readonly fault?: { kind: string; code?: string; message?: string };
  readonly clockOffsetMs?: number;
}

let stage: CheckStage;
let gateway: CheckedGateway | undefined;
beforeEach(async () => {
  stage = await startCheckStage();
});
afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
  await stage.close();
});

async function start(
  tenants?: object,
  overrides?: Readonly<Record<string, string>>,
  options?: { checked: boolean },
): Promise<CheckedGateway> {
  gateway = await startCheckedGateway(await stage.settings(tenants, overrides), options);
  return gateway;
}

async function list(url: string, key: string): Promise<Response> {
  const path = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;
  return fetch(url + path, { headers: { authorization: `Bearer ${key}` } });
}

describe('the check of an account', () => {
  it('lists one page of the first number, once', async () => {
    const later = { id: 'later', spaces: [{ custSpaceId: 'other', businessNumbers: ['8613900000009'] }] };
    const tenants = [{ id: 'none', spaces: [] }, ACME_TENANT, later];
    const view = await start({ tenants }, {}, { checked: false });
    expect([await view.gauge('default'), await stage.sandbox.calls()]).toEqual([0, []]);
    expect((await view.readiness()).body).toEqual({
      status: 'ready',
      checks: {
        cacheRedis: 'not configured',
        stateRedis: 'not configured',
        cams: { default: 'Not checked yet.' },
      },
    });
    view.checkAccounts();
    await view.says('default', /^ok$/);
    expect(await view.gauge('default')).toBe(1);
    const calls = await stage.sandbox.calls();
    expect(calls.map(({ action }) => action)).toEqual(['ListChatGroup']);
    expect(calls[0]?.parameters).toMatchObject({
      CustSpaceId: ACME.custSpaceId,
      BusinessNumber: ACME.businessNumber,
      Page: { Index: 1, Size: 100 },
    });
  });

  it('neither fills the page cache nor consumes the quota of the tenant', async () => {
    const settings = { TENANTS_FILE: 'config/tenants.sandbox.yaml', CACHE_FRESH_MS: '60000' };
    const view = await start(undefined, settings);
    await view.says('default', /^ok$/);
    await stage.sandbox.forgetCalls();
    const { headers } = await list(view.url, ACME_KEY);
    expect(await stage.sandbox.actions()).toEqual(['ListChatGroup']);
    const [, quota] = /;q=(\d+)/.exec(headers.get('ratelimit-policy') ?? '') ?? [];
    expect(headers.get('ratelimit')).toContain(`;r=${Number(quota) - 1}`);
  });

  it.each<[string, RegExp, Fault]>([
    [
      'a wrong secret',
      /^CAMS refused the access key \(SignatureDoesNotMatch\)\. Check CAMS_ACCESS_KEY_SECRET of account default\./,
      { settings: { CAMS_ACCESS_KEY_SECRET: 'another-secret' } },
    ],
    [
      'an unknown access key',
      /\(InvalidAccessKeyId\.NotFound\)\. Check CAMS_ACCESS_KEY_ID of account default/,
      { settings: { CAMS_ACCESS_KEY_ID: 'another-id' } },
    ],
    [
      'a refused security token',
      /\(InvalidSecurityToken\.Malformed\)\. Check CAMS_SECURITY_TOKEN of account default/,
      { settings: { CAMS_SECURITY_TOKEN: 'another-token' } },
    ],
    [
      'an account that is not allow-listed',
      /tenant acme \(Authentication\.NoAuth\)\. .*Ask Alibaba Cloud to allow-list this account/,
      { fault: { kind: 'reject', code: 'Authentication.NoAuth' } },
    ],
    [
      'a missing RAM permission',
      /\(NoPermission\)\. Grant the RAM action cams:ListChatGroup/,
      { fault: { kind: 'reject', code: 'NoPermission' } },
    ],
    [
      'a clock that is behind',
      /^This machine's clock is 20 minutes behind CAMS \(InvalidTimeStamp\.Expired\)\. Synchronize it with NTP\.$/,
      { clockOffsetMs: 20 * MINUTES },
    ],
    [
      'a clock that is ahead',
      /^This machine's clock is 20 minutes ahead of CAMS \(InvalidTimeStamp\.Expired\)\./,
      { clockOffsetMs: -20 * MINUTES },
    ],
    [
      'a refused number',
      /first number of tenant acme \(InvalidParameter\.BusinessNumber\): .*8613\*+001.* belong to account default\.$/,
      {
        fault: {
          kind: 'reject',
          code: 'InvalidParameter.BusinessNumber',
          message: `The number ${ACME.businessNumber} does not exist.`,
        },
      },
    ],
    [
      'throttling',
      /^CAMS is throttling account default \(Throttling\.User\)/,
      { fault: { kind: 'throttle' } },
    ],
    ['a failure of CAMS', /^CAMS failed .* \(InternalError\)/, { fault: { kind: 'http500' } }],
    [
      'a page that is not of CAMS',
      /^The response of .*HTTP 502.*CAMS_ENDPOINT/,
      { fault: { kind: 'html502' } },
    ],
    [
      'no response',
      /^CAMS \(127\.0\.0\.1:\d+\) did not respond within 300 ms\./,
      { fault: { kind: 'hang' }, settings: { CAMS_TIMEOUT_MS: '300' } },
    ],
  ])('explains %s', async (_what, pattern, { settings, fault, clockOffsetMs }) => {
    if (fault) await stage.sandbox.fault(fault);
    if (clockOffsetMs !== undefined) await stage.sandbox.behave({ clockOffsetMs });
    const view = await start(undefined, settings);
    const said = await view.says('default', pattern);
    expect(said).not.toMatch(/another-|8613800000001/);
    expect(await view.gauge('default')).toBe(0);
    const { status, body } = await view.readiness();
    expect([status, body.status]).toEqual([200, 'ready']);
  });

  it('explains that CAMS is unreachable', async () => {
    const view = await start(undefined, { CAMS_ENDPOINT: `http://127.0.0.1:${await unusedPort()}` });
    await view.says(
      'default',
      /^CAMS \(127\.0\.0\.1:\d+\) is unreachable \(ECONNREFUSED\)\. Check CAMS_ENDPOINT/,
    );
    expect(await view.gauge('default')).toBe(0);
  });

  it('accepts a clock that is slightly off', async () => {
    await stage.sandbox.behave({ clockOffsetMs: 5 * MINUTES });
    const view = await start();
    await view.says('default', /^ok$/);
    expect(await view.gauge('default')).toBe(1);
  });

  it('is repeated until it is ok', async () => {
    await stage.sandbox.fault({ kind: 'reject', code: 'Authentication.NoAuth', count: 1 });
    const view = await start();
    await view.says('default', /NoAuth/);
    await view.says('default', /^ok$/);
    expect(await view.gauge('default')).toBe(1);
    expect(await stage.sandbox.actions()).toHaveLength(2);
  });
});

describe('an account that cannot be checked', () => {
  it('says that no tenant uses it', async () => {
    const view = await start({ tenants: [] });
    await view.says('default', /^No tenant uses account default.* Add a tenant/);
    expect([await view.gauge('default'), await stage.sandbox.calls()]).toEqual([0, []]);
  });

  it('says that no number is named, and then what the latest call of a tenant shows', async () => {
    const tenant = {
      id: 'acme',
      custSpaceId: ACME.custSpaceId,
      secret: 'D'.repeat(43),
      pepper: 'a pepper for this test, long enough',
      permissions: ['groups:read'],
    };
    const view = await start(undefined, {
      TENANTS_FILE: stage.file('all-numbers.yaml', soleTenantFile(tenant)),
      API_KEY_PEPPER: tenant.pepper,
    });
    await view.says('default', /^The tenants file names no number for account default.*businessNumbers/);
    expect([await view.gauge('default'), await stage.sandbox.calls()]).toEqual([0, []]);
    expect((await list(view.url, apiKeyOf(tenant))).status).toBe(200);
    await view.says('default', /^ok$/);
    expect(await view.gauge('default')).toBe(1);

    await stage.sandbox.fault({ kind: 'reject', code: 'Authentication.NoAuth', count: 1 });
    expect((await list(view.url, apiKeyOf(tenant))).status).toBe(502);
    await view.says('default', /^CAMS refused the latest call for account default.*businessNumbers/);
    expect(await view.gauge('default')).toBe(0);
    expect((await list(view.url, apiKeyOf(tenant))).status).toBe(200);
    await view.says('default', /^ok$/);
  });
});
