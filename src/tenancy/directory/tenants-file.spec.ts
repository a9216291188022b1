import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import {
  DIGEST,
  type FaultCase,
  READERS,
  expectFault,
  faultsOf,
  parsed,
  space,
  tenant,
} from '../../../test/support/tenants-files.js';
import { parseTenantsFile } from './tenants-file.js';

describe('an invalid tenants file', () => {
  it.each<FaultCase>([
    ['no content', '', /^must be a mapping of accounts, tenants$/],
    ['a list', '[]', /^line 1: must be a mapping of/],
    ['no tenants', 'accounts: []', /^line 1: tenants: is required$/],
    ['tenants that are not a list', 'tenants: 5', /^line 1: tenants: must be a list$/],
    [
      'an unknown field',
      'tenants: []\nusers: []',
      /^line 2: users: unknown field; known fields: accounts, tenants$/,
    ],
    ['a __proto__ field', 'tenants: []\n"__proto__": {}', /^line 2: unknown field/],
    ['a misspelt field', tenant('limit: {}'), /^line 1, tenant a: limit: unknown field/],
    ['a tenant that is text', 'tenants: [acme]', /^line 1: tenants\[0\]: must be a mapping/],
    ['a tenant without an id', 'tenants: [{ spaces: [] }]', /^line 1: tenants\[0\]\.id: is required$/],
    ['an id that is a number', 'tenants: [{ id: 5, spaces: [] }]', /^line 1: tenants\[0\]\.id: .*in quotes$/],
    ['an id with a space', 'tenants: [{ id: a b, spaces: [] }]', /^line 1: tenants\[0\]\.id: must be an id/],
    [
      'a duplicate tenant',
      'tenants: [{ id: a, spaces: [] }, { id: a, spaces: [] }]',
      /^line 1, tenant a: id: is already used by an earlier tenant \(see line 1, tenant a\)$/,
    ],
    ['a tenant without spaces', 'tenants: [{ id: a }]', /^line 1, tenant a: spaces: is required$/],
    ['a name with a control character', tenant('name: "a\\u0007"'), /^line 1, tenant a: name: /],
    [
      'an unknown account',
      tenant('account: b'),
      /^line 1, tenant a: account: is not an account in this file$/,
    ],
    [
      'a space without an id',
      space('businessNumbers: ["12345"]'),
      /^line 1, tenant a: spaces\[0\]\.custSpaceId: is required/,
    ],
    [
      'a duplicate space',
      'tenants: [{ id: a, spaces: [{ custSpaceId: s }, { custSpaceId: s }] }]',
      /spaces\[1\]\.custSpaceId: .*earlier/,
    ],
    [
      'numbers that are null',
      space('custSpaceId: s, businessNumbers:'),
      /spaces\[0\]\.businessNumbers: must be a list$/,
    ],
    [
      'an empty list of numbers',
      space('custSpaceId: s, businessNumbers: []'),
      /businessNumbers: must not be empty/,
    ],
    [
      'a number without quotes',
      space('custSpaceId: s, businessNumbers: [8613800000001]'),
      /businessNumbers\[0\]: .*in quotes$/,
    ],
    [
      'a number with 4 digits',
      space('custSpaceId: s, businessNumbers: ["1234"]'),
      /businessNumbers\[0\]: must be text of 5 to 20 digits$/,
    ],
    [
      'a number with 21 digits',
      space(`custSpaceId: s, businessNumbers: ["${'1'.repeat(21)}"]`),
      /businessNumbers\[0\]/,
    ],
    ['a number with a plus', space('custSpaceId: s, businessNumbers: ["+12345"]'), /businessNumbers\[0\]/],
    [
      'a limit that is text',
      tenant('limits: { requestsPerMinute: many }'),
      /limits\.requestsPerMinute: must be a whole number from 1/,
    ],
    ['a limit of zero', tenant('limits: { requestsPerMinute: 0 }'), /limits\.requestsPerMinute/],
    ['a fractional limit', tenant('limits: { requestsPerMinute: 1.5 }'), /limits\.requestsPerMinute/],
    ['a weight of zero', tenant('limits: { upstreamWeight: 0 }'), /limits\.upstreamWeight: must be a number/],
    ['an infinite weight', tenant('limits: { upstreamWeight: .inf }'), /limits\.upstreamWeight/],
    ['NaN as weight', tenant('limits: { upstreamWeight: .nan }'), /limits\.upstreamWeight/],
    ['a negative limit', tenant('limits: { deletesPerHour: -1 }'), /limits\.deletesPerHour/],
    ['a share of nothing', tenant('limits: { stateRecords: 0 }'), /limits\.stateRecords/],
    ['no concurrent requests', tenant('limits: { concurrentRequests: 0 }'), /limits\.concurrentRequests/],
  ])('is rejected: %s', (_what, text, fault) => expectFault(text, fault));

  it('is rejected with all faults at once', () => {
    const text = `
      accounts: [{ id: b, credentials: { accessKeyIdEnv: NO_SUCH, accessKeySecretFile: gone } }]
      tenants:
        - { id: '', account: c, spaces: [{ businessNumbers: ['1'] }], limits: { deletesPerHour: x } }
        - { id: a, apiKeys: [{ id: k, digest: x, permissions: [all], expiresAt: soon }] }`;
    expect(faultsOf(text).map((fault) => fault.split(':', 2).join(':'))).toEqual([
      'line 2, account b: credentials.accessKeyIdEnv',
      'line 2, account b: credentials.accessKeySecretFile',
      'line 4: tenants[0].id',
      'line 4: tenants[0].account',
      'line 4: tenants[0].spaces[0].custSpaceId',
      'line 4: tenants[0].spaces[0].businessNumbers[0]',
      'line 4: tenants[0].limits.deletesPerHour',
      'line 5, tenant a: spaces',
      'line 5, tenant a: apiKeys[0].digest',
      'line 5, tenant a: apiKeys[0].permissions[0]',
      'line 5, tenant a: apiKeys[0].expiresAt',
    ]);
  });

  it('is reported without numbers, digests and misplaced secrets', () => {
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

describe('a valid tenants file', () => {
  it('may set every documented field', () => {
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
          limits: { requestsPerMinute: 10, upstreamWeight: 2.5, deletesPerHour: 0, stateRecords: 5, concurrentRequests: 7 }
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
        limits: {
          requestsPerMinute: 10,
          upstreamWeight: 2.5,
          deletesPerHour: 0,
          stateRecords: 5,
          concurrentRequests: 7,
        },
        apiKeys: [
          {
            id: 'web',
            digest: Buffer.from(DIGEST, 'hex'),
            permissions: new Set(['groups:read', 'groups:write']),
            expiresAtMs: Date.UTC(2027, 0, 1),
          },
        ],
      },
    ]);
  });

  it('keeps no more memory of a digest than it needs', () => {
    const file = parsed(
      `tenants: [{ id: a, spaces: [], apiKeys: [{ id: web, digest: ${DIGEST}, permissions: [groups:read] }] }]`,
    );
    expect(file.tenants[0]?.apiKeys[0]?.digest.buffer.byteLength).toBe(32);
  });

  it('may omit fields with a default', () => {
    const file = parsed('tenants: [{ id: a, spaces: [] }]');
    expect(file.accounts).toEqual(new Map([['default', { kind: 'chain' }]]));
    expect(file.tenants[0]).toMatchObject({
      name: 'a',
      account: 'default',
      limits: {
        requestsPerMinute: 600,
        upstreamWeight: 1,
        deletesPerHour: 100,
        stateRecords: 200_000,
        concurrentRequests: 50,
      },
      apiKeys: [],
    });
  });

  it.each(['config/tenants.sandbox.yaml', 'config/tenants.example.yaml'])('is %s', (path) => {
    const lenient = { ...READERS, secret: () => 'set' };
    expect(parseTenantsFile(readFileSync(path, 'utf8'), lenient)).toHaveProperty('file');
  });
});
