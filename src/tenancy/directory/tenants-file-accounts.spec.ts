import { describe, expect, it } from '@jest/globals';
import { type FaultCase, expectFault, parsed } from '../../../test/support/tenants-files.js';

const account = (rest: string): string => `{ accounts: [{ ${rest} }], tenants: [] }`;
const credentials = (rest: string): string => account(`id: b, credentials: { ${rest} }`);

describe('accounts', () => {
  it.each<FaultCase>([
    [
      'an account without an id',
      account('credentials: { accessKeyIdEnv: AK_ID, accessKeySecretEnv: AK_SECRET }'),
      /^line 1: accounts\[0\]\.id: is required/,
    ],
    [
      'a duplicate account',
      '{ accounts: [{ id: default }, { id: default }], tenants: [] }',
      /^line 1, account default: id: .*earlier account \(see line 1, account default\)$/,
    ],
    [
      'an account other than default without credentials',
      account('id: b'),
      /^line 1, account b: credentials: is required$/,
    ],
    [
      'incomplete credentials',
      credentials('accessKeyIdEnv: AK_ID'),
      /^line 1, account b: credentials: must have accessKeySecretEnv or accessKeySecretFile$/,
    ],
    [
      'literal credentials',
      credentials('accessKeyId: LTAI1, accessKeySecret: x'),
      /credentials\.accessKeyId: unknown field/,
    ],
    [
      'an unset variable',
      credentials('accessKeyIdEnv: NO_SUCH, accessKeySecretEnv: AK_SECRET'),
      /credentials\.accessKeyIdEnv: names an environment variable that is not set$/,
    ],
    [
      'an empty variable',
      credentials('accessKeyIdEnv: EMPTY, accessKeySecretEnv: AK_SECRET'),
      /accessKeyIdEnv: .*not set$/,
    ],
    [
      'a missing file',
      credentials('accessKeyIdEnv: AK_ID, accessKeySecretFile: gone'),
      /accessKeySecretFile: names a file that cannot be read$/,
    ],
    [
      'an empty file',
      credentials('accessKeyIdEnv: AK_ID, accessKeySecretFile: empty'),
      /accessKeySecretFile: names a file that is empty$/,
    ],
    [
      'both a variable and a file',
      credentials('accessKeyIdEnv: AK_ID, accessKeyIdFile: secret, accessKeySecretEnv: AK_SECRET'),
      /accessKeyIdFile: cannot be combined with accessKeyIdEnv/,
    ],
  ])('are rejected with %s', (_what, text, fault) => expectFault(text, fault));

  it('can override the credentials of the default account', () => {
    const file = parsed(
      account(
        'id: default, credentials: { accessKeyIdEnv: AK_ID, accessKeySecretEnv: AK_SECRET, securityTokenFile: secret }',
      ),
    );
    expect(file.accounts.get('default')).toEqual({
      kind: 'static',
      accessKeyId: 'the-id',
      accessKeySecret: 'the-secret',
      securityToken: 'of-a-file',
    });
  });
});
