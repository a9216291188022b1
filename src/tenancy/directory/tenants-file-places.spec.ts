import { describe, expect, it } from '@jest/globals';
import { DIGEST, faultsOf, tenant } from '../../../test/support/tenants-files.js';

const FILE = `# The tenants
accounts:
  - id: default
  - id: isv-2
    credentials:
      accessKeyIdEnv: AK_ID
      accessKeySecretEnv: NO_SUCH
tenants:
  - id: acme
    spaces:
      - custSpaceId: cams-acme
        businessNumbers:
          - '8613800000001'
          - 8613800000002

  - id: globex
    limits: &limits
      requestsPerMinute: 0
    spaces:
      - businessNumbers: ['8613800000003']
      - custSpaceId: cams-acme
    apiKeys:
      - { id: web, digest: ${DIGEST}, permissions: ['groups:read'] }
      - id: web
        digest: ${DIGEST}
        permissions:
          - groups:read
          - groups:all
  - id: initech
    limits: *limits
    colour: red
`;

describe('the place of a fault', () => {
  it('is its line, its tenant or account, and its field', () => {
    expect(faultsOf(FILE)).toEqual([
      'line 7, account isv-2: credentials.accessKeySecretEnv: names an environment variable that is not set',
      'line 14, tenant acme: spaces[0].businessNumbers[1]: must be text of 5 to 20 digits, in quotes',
      'line 20, tenant globex: spaces[0].custSpaceId: is required',
      'line 21, tenant globex: spaces[1]: claims every number, but another tenant claims some of them (see line 13, tenant acme)',
      'line 18, tenant globex: limits.requestsPerMinute: must be a whole number from 1 to 1000000',
      'line 24, tenant globex: apiKeys[1].id: is already used by an earlier key (see line 23, tenant globex)',
      'line 25, tenant globex: apiKeys[1].digest: is already used by an earlier key (see line 23, tenant globex)',
      expect.stringMatching(
        /^line 28, tenant globex: apiKeys\[1\]\.permissions\[1\]: must be one of groups:read, /,
      ),
      expect.stringMatching(/^line 31, tenant initech: colour: unknown field; known fields: id, /),
      'line 29, tenant initech: spaces: is required',
      'line 18, tenant initech: limits.requestsPerMinute: must be a whole number from 1 to 1000000',
    ]);
  });

  it('is the same with line ends of Windows', () => {
    expect(faultsOf(FILE.replaceAll('\n', '\r\n'))).toEqual(faultsOf(FILE));
  });

  it('is the line of an unknown field whose name is not shown', () => {
    expect(faultsOf('tenants:\n  - id: a\n    spaces: []\n    8613800000001: x')).toEqual([
      expect.stringMatching(/^line 4, tenant a: unknown field; known fields: /),
    ]);
  });

  it.each([
    ['a digest', DIGEST],
    ['an access key', 'LTAI5tSecretSecretSecret00'],
    ['text with a space', 'Acme Travel'],
    ['a path', '../acme'],
  ])('does not name a tenant by %s in place of its id', (_what, id) => {
    for (const fault of faultsOf(`tenants: [{ id: '${id}', spaces: x }]`)) {
      expect(fault).toMatch(/^line 1: tenants\[0\]\.(id|spaces): /);
      expect(fault).not.toContain(id);
    }
  });

  it('masks a phone number in place of an id', () => {
    expect(faultsOf("tenants: [{ id: '8613800000001' }]")).toEqual([
      'line 1, tenant 8613******001: spaces: is required',
    ]);
  });

  it('is that of the value that an alias stands for, also of an anchor that is set again', () => {
    const shared = `tenants:
  - { id: a, spaces: &s [{}] }
  - { id: b, spaces: *s }
  - { id: c, spaces: &s [5] }
  - { id: d, spaces: *s }`;
    expect(faultsOf(shared).map((fault) => fault.split(':', 2).join(':'))).toEqual([
      'line 2, tenant a: spaces[0].custSpaceId',
      'line 2, tenant b: spaces[0].custSpaceId',
      'line 4, tenant c: spaces[0]',
      'line 4, tenant d: spaces[0]',
    ]);
  });

  it('is missing if there is no content', () => {
    expect(faultsOf('# only a comment')).toEqual(['must be a mapping of accounts, tenants']);
    expect(faultsOf(tenant('limits: 5'))).toHaveLength(1);
  });
});
