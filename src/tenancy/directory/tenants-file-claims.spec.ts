import { describe, expect, it } from '@jest/globals';
import { type FaultCase, expectFault, parsed, space } from '../../../test/support/tenants-files.js';

const two = (first: string, second: string): string =>
  `tenants: [{ id: a, spaces: [{ ${first} }] }, { id: b, spaces: [{ ${second} }] }]`;

describe('claims of tenants', () => {
  it.each<FaultCase>([
    [
      'a duplicate number',
      space('custSpaceId: s, businessNumbers: ["12345", "12345"]'),
      /businessNumbers\[1\]: is a duplicate/,
    ],
    [
      'a number claimed by two tenants',
      two(
        'custSpaceId: s, businessNumbers: ["12345"]',
        'custSpaceId: s, businessNumbers: ["99999", "12345"]',
      ),
      /^line 1, tenant b: spaces\[0\]\.businessNumbers\[1\]: is already claimed by another tenant \(see line 1, tenant a\)$/,
    ],
    [
      'every number of a space where an earlier tenant claims one',
      two('custSpaceId: s, businessNumbers: ["12345"]', 'custSpaceId: s'),
      /^line 1, tenant b: spaces\[0\]: claims every number, but another tenant claims some of them \(see line 1, tenant a\)$/,
    ],
    [
      'one number of a space where an earlier tenant claims every number',
      two('custSpaceId: s', 'custSpaceId: s, businessNumbers: ["12345"]'),
      /businessNumbers\[0\]: is already claimed by another tenant \(see line 1, tenant a\)$/,
    ],
    [
      'every number of a space claimed by two tenants',
      two('custSpaceId: s', 'custSpaceId: s'),
      /^line 1, tenant b: spaces\[0\]: claims every number/,
    ],
  ])('are rejected: %s', (_what, text, fault) => expectFault(text, fault));

  it('may name the same space in two accounts, or two numbers of one space', () => {
    const text = `
      accounts: [{ id: b, credentials: { accessKeyIdEnv: AK_ID, accessKeySecretEnv: AK_SECRET } }]
      tenants:
        - { id: a, spaces: [{ custSpaceId: s, businessNumbers: ['11111'] }] }
        - { id: b, spaces: [{ custSpaceId: s, businessNumbers: ['22222'] }] }
        - { id: c, account: b, spaces: [{ custSpaceId: s }] }`;
    expect(parsed(text).tenants).toHaveLength(3);
  });
});
