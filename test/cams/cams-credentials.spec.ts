import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { accountWith, scopeOf } from '../support/cams-callers.js';
import { CamsFixture, EMPTY_LIST, READ, WRITE, errorOf } from '../support/cams-fixture.js';
import { type WireDouble, hang, json, raw, startWireDouble } from '../support/cams-wire-double.js';

const cams = new CamsFixture();

describe('credentials', () => {
  beforeEach(() => {
    cams.double.answer = EMPTY_LIST;
  });

  it('are those of the scope’s account', async () => {
    for (const id of ['isv-1', 'isv-2']) {
      const account = accountWith({ kind: 'static', accessKeyId: id, accessKeySecret: 's' }, id);
      await cams.client.call(scopeOf('acme', account), ...READ);
    }
    expect(
      cams.requests.map(({ headers }) => headers.authorization?.match(/Credential=([^,]*)/)?.[1]),
    ).toEqual(['isv-1', 'isv-2']);
  });

  it('include a session token', async () => {
    const source = {
      kind: 'static',
      accessKeyId: 'i',
      accessKeySecret: 's',
      securityToken: 'token-1',
    } as const;
    await cams.client.call(scopeOf('acme', accountWith(source)), ...READ);
    expect(cams.requests[0]?.headers).toMatchObject({
      'x-acs-security-token': 'token-1',
      'x-acs-accesskey-id': 'i',
    });
  });

  describe('of the default chain', () => {
    let metadata: WireDouble;
    const scope = () => scopeOf('acme', accountWith({ kind: 'chain' }));
    const NAMES = ['ALIBABA_CLOUD_ECS_METADATA_DISABLED', 'ALIBABA_CLOUD_CREDENTIALS_URI'];

    beforeEach(async () => {
      metadata = await startWireDouble(
        json({
          AccessKeyId: 'chain-id',
          AccessKeySecret: 'x',
          SecurityToken: 'chain-token',
          Expiration: '2099-01-01T00:00:00Z',
        }),
      );
      process.env['ALIBABA_CLOUD_ECS_METADATA_DISABLED'] = 'true';
      process.env['ALIBABA_CLOUD_CREDENTIALS_URI'] = `http://${metadata.host}/credentials`;
    });

    afterEach(async () => {
      for (const name of NAMES) delete process.env[name];
      await metadata.close();
    });

    it('are requested once for a hundred concurrent cold calls', async () => {
      const account = scope();
      await Promise.all(Array.from({ length: 100 }, () => cams.client.call(account, ...READ)));
      expect(metadata.requests).toHaveLength(1);
      expect(cams.requests).toHaveLength(100);
      expect(cams.requests.every(({ headers }) => headers['x-acs-security-token'] === 'chain-token')).toBe(
        true,
      );
    });

    it('fail with a message for the operator if missing, and are requested again for the next call', async () => {
      metadata.answer = raw('no role here', 404);
      expect(await errorOf(cams.client.call(scope(), ...WRITE))).toMatchObject({
        code: 'UPSTREAM_NOT_ALLOWED',
        detail: expect.stringContaining('No credentials for CAMS'),
      });
      expect(cams.requests).toHaveLength(0);
      metadata.answer = json({
        AccessKeyId: 'a',
        AccessKeySecret: 'b',
        SecurityToken: 'c',
        Expiration: '2099-01-01T00:00:00Z',
      });
      await expect(cams.client.call(scope(), ...READ)).resolves.toBeDefined();
    });

    it('do not delay a call beyond its deadline', async () => {
      metadata.answer = hang;
      cams.connect({ CAMS_TIMEOUT_MS: '600' });
      expect((await errorOf(cams.client.call(scope(), ...WRITE))).code).toBe('UPSTREAM_TIMEOUT');
      expect(cams.requests).toHaveLength(0);
    });
  });
});
