import { describe, expect, it } from '@jest/globals';
import { type FaultCase, expectFault, parsed } from '../../../test/support/tenants-files.js';

const account = (rest: string): string => `{ accounts: [{ ${rest} }], tenants: [] }`;
const credentials = (rest: string): string => account(`id: b, credentials: { ${rest} }`);

describe('accounts', () => {
  it.each<FaultCase>([
    [
      'an account without id',
      account('credentials: { accessKeyIdEnv: AK_ID, accessKeySecretEnv: AK_SECRET }'),
      /^accounts\[0\]\.id: is required/,
    ],
    [
      'an account twice',
      '{ accounts: [{ id: default }, { id: default }], tenants: [] }',
      /^accounts\[1\]\.id: .*earlier/,
    ],
    ['another account without credentials', account('id: b'), /^accounts\[0\]\.credentials: is required$/],
    [
      'half of the credentials',
      credentials('accessKeyIdEnv: AK_ID'),
      /^accounts\[0\]\.credentials: needs accessKeySecretEnv or accessKeySecretFile$/,
    ],
    [
      'credentials themselves',
      credentials('accessKeyId: LTAI1, accessKeySecret: x'),
      /credentials\.accessKeyId: unknown field/,
    ],
    [
      'a variable that is not set',
      credentials('accessKeyIdEnv: NO_SUCH, accessKeySecretEnv: AK_SECRET'),
      /credentials\.accessKeyIdEnv: names an environment variable that is not set$/,
    ],
    [
      'a variable that is empty',
      credentials('accessKeyIdEnv: EMPTY, accessKeySecretEnv: AK_SECRET'),
      /accessKeyIdEnv: .*not set$/,
    ],
    [
      'a file that is missing',
      credentials('accessKeyIdEnv: AK_ID, accessKeySecretFile: gone'),
      /accessKeySecretFile: names a file that cannot be read$/,
    ],
    [
      'a file that is empty',
      credentials('accessKeyIdEnv: AK_ID, accessKeySecretFile: empty'),
      /accessKeySecretFile: names a file that is empty$/,
    ],
    [
      'a variable and a file',
      credentials('accessKeyIdEnv: AK_ID, accessKeyIdFile: secret, accessKeySecretEnv: AK_SECRET'),
      /accessKeyIdFile: excludes accessKeyIdEnv/,
    ],
  ])('have a fault: %s', (_what, text, fault) => expectFault(text, fault));

  it('let the default one have credentials of its own', () => {
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
