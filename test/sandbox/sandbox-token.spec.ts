import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ACME, startTestSandbox, type SdkAnswer, type TestSandbox } from '../support/sandbox-rpc.js';

const QUERY = { ...ACME, Page: '{"Index":1,"Size":20}' };
const STS = { accessKeyId: 'STS.any', accessKeySecret: 'sandbox-secret', securityToken: 'sandbox-token' };

describe.each(['ACS3', 'V1'] as const)('a security token with %s', (protocol) => {
  let sandbox: TestSandbox;
  beforeAll(async () => {
    sandbox = await startTestSandbox();
  });
  afterAll(async () => sandbox.close());
  beforeEach(async () => sandbox.control.reset());

  const list = async (options: Partial<typeof STS> = {}): Promise<SdkAnswer> =>
    protocol === 'ACS3'
      ? sandbox.call('ListChatGroup', QUERY, { ...STS, ...options })
      : sandbox.callByPopCore('ListChatGroup', QUERY, { ...STS, ...options });

  it('is accepted with any access key id', async () => {
    for (const accessKeyId of ['STS.any', 'sandbox'])
      expect(await list({ accessKeyId })).toMatchObject({ status: 200, body: { Code: 'OK' } });
    const [call] = await sandbox.control.calls();
    expect(call?.parameters).toEqual({ ...QUERY, Page: { Index: 1, Size: 20 } });
  });

  it.each([
    ['another token', { securityToken: 'other' }, 400, 'InvalidSecurityToken.Malformed'],
    ['another secret', { accessKeySecret: 'other' }, 400, 'SignatureDoesNotMatch'],
    ['no token', { securityToken: '' }, 404, 'InvalidAccessKeyId.NotFound'],
  ])('is required: %s', async (_, options, status, code) => {
    expect(await list(options)).toMatchObject({ status, body: { Code: code } });
  });

  it('expires, and is valid again afterwards', async () => {
    const expired = { status: 400, body: { Code: 'InvalidSecurityToken.Expired' } };
    await sandbox.control.expireToken();
    expect(await list()).toMatchObject(expired);
    expect(await list({ securityToken: 'other' })).toMatchObject({
      body: { Code: 'InvalidSecurityToken.Malformed' },
    });
    expect((await sandbox.list()).total).toBe(51);
    await sandbox.control.expireToken(false);
    expect((await list()).body['Code']).toBe('OK');
    await sandbox.control.expireToken(true);
    expect(await list()).toMatchObject(expired);
    await sandbox.control.reset();
    expect((await list()).body['Code']).toBe('OK');
  });

  it('must be signed', async () => {
    const name = protocol === 'ACS3' ? 'x-acs-security-token' : 'SecurityToken';
    const { status, text } = await sandbox.callRaw({
      protocol,
      method: 'POST',
      action: 'ListChatGroup',
      parameters: QUERY,
      changesAfter: { [name]: 'sandbox-token' },
    });
    expect([status, text]).toEqual([400, expect.stringContaining('SignatureDoesNotMatch')]);
  });
});

it('a security token must belong to the access key that ACS3 names beside it', async () => {
  const sandbox = await startTestSandbox();
  const answer = await sandbox.callRaw({
    protocol: 'ACS3',
    method: 'POST',
    action: 'ListChatGroup',
    parameters: QUERY,
    changes: { 'x-acs-security-token': 'sandbox-token', 'x-acs-accesskey-id': 'STS.other' },
  });
  await sandbox.close();
  expect([answer.status, answer.text]).toEqual([
    400,
    expect.stringContaining('InvalidSecurityToken.MismatchWithAccessKey'),
  ]);
});
