import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseTenantsFile, type TenantsFile, type TenantsFileReaders } from './tenants-file.js';

const DIGEST = 'ab'.repeat(32);
const OTHER_DIGEST = 'cd'.repeat(32);
const DEMO_DIGEST = 'ef'.repeat(32);

const readers: TenantsFileReaders = {
  secret: (name) => ({ AK_ID: 'the-id', AK_SECRET: 'the-secret', EMPTY: ' ' })[name],
  readSecretFile: (path) => {
    if (path === 'empty') return '\n';
    if (path === 'secret') return 'of-a-file\n';
    throw new Error('no such file');
  },
  defaultCredentials: { kind: 'chain' },
  refusedDigests: new Set([DEMO_DIGEST]),
};

function faultsOf(text: string): readonly string[] {
  const result = parseTenantsFile(text, readers);
  return 'faults' in result ? result.faults : [];
}

function parsed(text: string): TenantsFile {
  const result = parseTenantsFile(text, readers);
  if ('faults' in result) throw new Error(result.faults.join('\n'));
  return result.file;
}

const tenant = (rest: string): string => `tenants: [{ id: a, spaces: [], ${rest} }]`;
const space = (rest: string): string => `tenants: [{ id: a, spaces: [{ ${rest} }] }]`;
const key = (rest: string): string =>
  tenant(`apiKeys: [{ id: k, digest: ${DIGEST}, permissions: ['groups:read'], ${rest} }]`);
const account = (rest: string): string => `{ accounts: [{ ${rest} }], tenants: [] }`;
const credentials = (rest: string): string => account(`id: b, credentials: { ${rest} }`);
const two = (first: string, second: string): string =>
  `tenants: [{ id: a, spaces: [{ ${first} }] }, { id: b, spaces: [{ ${second} }] }]`;

describe('a fault of the tenants file', () => {
  it.each<[what: string, text: string, fault: RegExp]>([
    ['no content', '', /^must be a mapping of accounts, tenants$/],
    ['a list', '[]', /^must be a mapping of/],
    ['no tenants', 'accounts: []', /^tenants: is required$/],
    ['tenants that are no list', 'tenants: 5', /^tenants: must be a list$/],
    ['broken YAML', 'tenants: [', /at line 1/],
    ['a key of YAML twice', 'tenants: []\ntenants: []', /^Map keys must be unique at line 2, column 1$/],
    ['two documents', 'tenants: []\n---\ntenants: []', /multiple documents/],
    ['a tag', 'tenants: !secret []', /^Unresolved tag/],
    ['an alias bomb', `a: &a [1]\nb: &b [${'*a,'.repeat(200)}]\ntenants: [${'*b,'.repeat(200)}]`, /no YAML/],
    ['endless nesting', '['.repeat(100_000), /.+/],
    ['an unknown field', 'tenants: []\nusers: []', /^users: unknown field; known are accounts, tenants$/],
    ['a prototype', 'tenants: []\n"__proto__": {}', /^unknown field/],
    ['a misspelt field', tenant('limit: {}'), /^tenants\[0\]\.limit: unknown field/],
    ['a tenant that is text', 'tenants: [acme]', /^tenants\[0\]: must be a mapping/],
    ['a tenant without id', 'tenants: [{ spaces: [] }]', /^tenants\[0\]\.id: is required$/],
    ['an id that is a number', 'tenants: [{ id: 5, spaces: [] }]', /^tenants\[0\]\.id: .*in quotes$/],
    ['an id with a space', 'tenants: [{ id: a b, spaces: [] }]', /^tenants\[0\]\.id: must be an id/],
    [
      'a tenant twice',
      'tenants: [{ id: a, spaces: [] }, { id: a, spaces: [] }]',
      /^tenants\[1\]\.id: .*earlier/,
    ],
    ['a tenant without spaces', 'tenants: [{ id: a }]', /^tenants\[0\]\.spaces: is required$/],
    ['a name with a control character', tenant('name: "a\\u0007"'), /^tenants\[0\]\.name: /],
    ['an unknown account', tenant('account: b'), /^tenants\[0\]\.account: names no account of the file$/],
    [
      'a space without id',
      space('businessNumbers: ["12345"]'),
      /^tenants\[0\]\.spaces\[0\]\.custSpaceId: is required/,
    ],
    [
      'a space twice',
      'tenants: [{ id: a, spaces: [{ custSpaceId: s }, { custSpaceId: s }] }]',
      /spaces\[1\]\.custSpaceId: .*earlier/,
    ],
    [
      'numbers that are none',
      space('custSpaceId: s, businessNumbers:'),
      /spaces\[0\]\.businessNumbers: must be a list$/,
    ],
    [
      'an empty list of numbers',
      space('custSpaceId: s, businessNumbers: []'),
      /businessNumbers: must name a number/,
    ],
    [
      'a number without quotes',
      space('custSpaceId: s, businessNumbers: [8613800000001]'),
      /businessNumbers\[0\]: .*in quotes$/,
    ],
    [
      'a number of 4 digits',
      space('custSpaceId: s, businessNumbers: ["1234"]'),
      /businessNumbers\[0\]: must be text of 5 to 20 digits$/,
    ],
    [
      'a number of 21 digits',
      space(`custSpaceId: s, businessNumbers: ["${'1'.repeat(21)}"]`),
      /businessNumbers\[0\]/,
    ],
    ['a number with a plus', space('custSpaceId: s, businessNumbers: ["+12345"]'), /businessNumbers\[0\]/],
    [
      'a number twice',
      space('custSpaceId: s, businessNumbers: ["12345", "12345"]'),
      /businessNumbers\[1\]: is named twice/,
    ],
    [
      'a number of two tenants',
      two(
        'custSpaceId: s, businessNumbers: ["12345"]',
        'custSpaceId: s, businessNumbers: ["99999", "12345"]',
      ),
      /^tenants\[1\]\.spaces\[0\]\.businessNumbers\[1\]: is claimed by tenants\[0\]\.spaces\[0\]\.businessNumbers\[0\] too$/,
    ],
    [
      'every number after one',
      two('custSpaceId: s, businessNumbers: ["12345"]', 'custSpaceId: s'),
      /^tenants\[1\]\.spaces\[0\]: claims every number, but tenants\[0\]\.spaces\[0\]\.businessNumbers\[0\] claims/,
    ],
    [
      'one number after every',
      two('custSpaceId: s', 'custSpaceId: s, businessNumbers: ["12345"]'),
      /businessNumbers\[0\]: is claimed by tenants\[0\]\.spaces\[0\] too$/,
    ],
    [
      'every number twice',
      two('custSpaceId: s', 'custSpaceId: s'),
      /^tenants\[1\]\.spaces\[0\]: claims every number/,
    ],
    [
      'a limit of text',
      tenant('limits: { requestsPerMinute: many }'),
      /limits\.requestsPerMinute: must be a whole number from 1/,
    ],
    ['a limit of zero', tenant('limits: { requestsPerMinute: 0 }'), /limits\.requestsPerMinute/],
    ['half a request', tenant('limits: { requestsPerMinute: 1.5 }'), /limits\.requestsPerMinute/],
    ['no weight at all', tenant('limits: { upstreamWeight: 0 }'), /limits\.upstreamWeight: must be a number/],
    ['infinite weight', tenant('limits: { upstreamWeight: .inf }'), /limits\.upstreamWeight/],
    ['no number as weight', tenant('limits: { upstreamWeight: .nan }'), /limits\.upstreamWeight/],
    ['fewer deletes than none', tenant('limits: { deletesPerHour: -1 }'), /limits\.deletesPerHour/],
    [
      'a key without id',
      tenant(`apiKeys: [{ digest: ${DIGEST}, permissions: ['groups:read'] }]`),
      /apiKeys\[0\]\.id: is required/,
    ],
    [
      'a key id with a dot',
      tenant(`apiKeys: [{ id: a.b, digest: ${DIGEST}, permissions: ['groups:read'] }]`),
      /apiKeys\[0\]\.id: must be/,
    ],
    [
      'an upper-case digest',
      tenant(`apiKeys: [{ id: k, digest: ${DIGEST.toUpperCase()}, permissions: ['groups:read'] }]`),
      /apiKeys\[0\]\.digest: must be the 64 lower-case/,
    ],
    [
      'a short digest',
      tenant(`apiKeys: [{ id: k, digest: abcd, permissions: ['groups:read'] }]`),
      /apiKeys\[0\]\.digest/,
    ],
    [
      'a demo key',
      tenant(`apiKeys: [{ id: k, digest: ${DEMO_DIGEST}, permissions: ['groups:read'] }]`),
      /digest: belongs to a demo key/,
    ],
    [
      'an unknown permission',
      tenant(`apiKeys: [{ id: k, digest: ${DIGEST}, permissions: ['groups:all'] }]`),
      /permissions\[0\]: must be one of groups:read/,
    ],
    [
      'no permission',
      tenant(`apiKeys: [{ id: k, digest: ${DIGEST}, permissions: [] }]`),
      /permissions: must name a permission/,
    ],
    [
      'a permission as text',
      tenant(`apiKeys: [{ id: k, digest: ${DIGEST}, permissions: 'groups:read' }]`),
      /permissions: must be a list/,
    ],
    ['a date without time', key('expiresAt: 2027-01-01'), /apiKeys\[0\]\.expiresAt: must be a date/],
    ['a date without zone', key('expiresAt: 2027-01-01T00:00:00'), /expiresAt/],
    ['the 30th of February', key('expiresAt: 2027-02-30T00:00:00Z'), /expiresAt/],
    ['an expiry of nothing', key('expiresAt:'), /expiresAt/],
    [
      'a key id twice in a tenant',
      tenant(
        `apiKeys: [{ id: k, digest: ${DIGEST}, permissions: ['groups:read'] }, { id: k, digest: ${OTHER_DIGEST}, permissions: ['groups:read'] }]`,
      ),
      /apiKeys\[1\]\.id: is the id of an earlier key too/,
    ],
    [
      'a key id twice in the file',
      `tenants: [{ id: a, spaces: [], apiKeys: [{ id: k, digest: ${DIGEST}, permissions: ['groups:read'] }] }, { id: b, spaces: [], apiKeys: [{ id: k, digest: ${OTHER_DIGEST}, permissions: ['groups:read'] }] }]`,
      /^tenants\[1\]\.apiKeys\[0\]\.id: is the id of an earlier key too/,
    ],
    [
      'a digest twice',
      tenant(
        `apiKeys: [{ id: k, digest: ${DIGEST}, permissions: ['groups:read'] }, { id: l, digest: ${DIGEST}, permissions: ['groups:read'] }]`,
      ),
      /apiKeys\[1\]\.digest: is the digest of an earlier key too/,
    ],
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
  ])('is %s', (_what, text, fault) => {
    const faults = faultsOf(text);
    expect(faults).toEqual(expect.arrayContaining([expect.stringMatching(fault)]));
  });

  it('hides no other one', () => {
    const text = `
      accounts: [{ id: b, credentials: { accessKeyIdEnv: NO_SUCH, accessKeySecretFile: gone } }]
      tenants:
        - { id: '', account: c, spaces: [{ businessNumbers: ['1'] }], limits: { deletesPerHour: x } }
        - { id: a, apiKeys: [{ id: k, digest: x, permissions: [all], expiresAt: soon }] }`;
    expect(faultsOf(text).map((fault) => fault.split(':', 1)[0])).toEqual([
      'accounts[0].credentials.accessKeyIdEnv',
      'accounts[0].credentials.accessKeySecretFile',
      'tenants[0].id',
      'tenants[0].account',
      'tenants[0].spaces[0].custSpaceId',
      'tenants[0].spaces[0].businessNumbers[0]',
      'tenants[0].limits.deletesPerHour',
      'tenants[1].spaces',
      'tenants[1].apiKeys[0].digest',
      'tenants[1].apiKeys[0].permissions[0]',
      'tenants[1].apiKeys[0].expiresAt',
    ]);
  });

  it('is described without numbers, digests and misplaced secrets', () => {
    const text = `
      accounts: [{ id: b, credentials: { accessKeyIdEnv: LTAI5tSecret, accessKeySecretFile: LTAI5tSecret } }]
      tenants:
        - { id: a, LTAI5tSecret: 1, spaces: [{ custSpaceId: s, businessNumbers: ['8613800000001', 8613800000002] }] }
        - { id: b, spaces: [{ custSpaceId: s, businessNumbers: ['8613800000001'] }], apiKeys: [{ id: k, digest: ${DIGEST}0 }] }
        - { id: c, id: ${DIGEST}, spaces: ['8613800000001'] }`;
    for (const faults of [faultsOf(text), faultsOf(text.replace('{ id: c, ', '{ '))]) {
      expect(faults.length).toBeGreaterThan(0);
      expect(faults.join('\n')).not.toMatch(/86138|LTAI5t|abab/);
    }
  });
});

describe('a tenants file without fault', () => {
  it('says everything that the contract lets it say', () => {
    const file = parsed(`
      accounts:
        - id: default
        - { id: isv-2, credentials: { accessKeyIdEnv: AK_ID, accessKeySecretFile: secret } }
      tenants:
        - id: acme
          name: Acme Travel
          account: isv-2
          spaces:
            - { custSpaceId: cams-acme, businessNumbers: ['8613800000001', '8613800000002'] }
            - custSpaceId: cams-all
          limits: { requestsPerMinute: 10, upstreamWeight: 2.5, deletesPerHour: 0 }
          apiKeys:
            - { id: web, digest: ${DIGEST}, permissions: [groups:read, groups:write], expiresAt: 2027-01-01T02:00:00+02:00 }`);
    expect(file.accounts).toEqual(
      new Map([
        ['default', { kind: 'chain' }],
        ['isv-2', { kind: 'static', accessKeyId: 'the-id', accessKeySecret: 'of-a-file' }],
      ]),
    );
    expect(file.tenants).toEqual([
      {
        id: 'acme',
        name: 'Acme Travel',
        account: 'isv-2',
        spaces: new Map([
          ['cams-acme', new Set(['8613800000001', '8613800000002'])],
          ['cams-all', null],
        ]),
        limits: { requestsPerMinute: 10, upstreamWeight: 2.5, deletesPerHour: 0 },
        apiKeys: [
          {
            id: 'web',
            digest: DIGEST,
            permissions: new Set(['groups:read', 'groups:write']),
            expiresAtMs: Date.UTC(2027, 0, 1),
          },
        ],
      },
    ]);
  });

  it('leaves out what has a default', () => {
    const file = parsed('tenants: [{ id: a, spaces: [] }]');
    expect(file.accounts).toEqual(new Map([['default', { kind: 'chain' }]]));
    expect(file.tenants[0]).toMatchObject({
      name: 'a',
      account: 'default',
      limits: { requestsPerMinute: 600, upstreamWeight: 1, deletesPerHour: 100 },
      apiKeys: [],
    });
  });

  it('gives the account default credentials of its own', () => {
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

  it('lets two tenants have the same space of different accounts, and different numbers of one', () => {
    const text = `
      accounts: [{ id: b, credentials: { accessKeyIdEnv: AK_ID, accessKeySecretEnv: AK_SECRET } }]
      tenants:
        - { id: a, spaces: [{ custSpaceId: s, businessNumbers: ['11111'] }] }
        - { id: b, spaces: [{ custSpaceId: s, businessNumbers: ['22222'] }] }
        - { id: c, account: b, spaces: [{ custSpaceId: s }] }`;
    expect(parsed(text).tenants).toHaveLength(3);
  });

  it.each(['config/tenants.sandbox.yaml', 'config/tenants.example.yaml'])('is %s', (path) => {
    const lenient = { ...readers, secret: () => 'set' };
    expect(parseTenantsFile(readFileSync(path, 'utf8'), lenient)).toHaveProperty('file');
  });
});
