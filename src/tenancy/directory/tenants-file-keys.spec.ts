import { describe, it } from '@jest/globals';
import {
  DEMO_DIGEST,
  DIGEST,
  type FaultCase,
  OTHER_DIGEST,
  expectFault,
  tenant,
} from '../../../test/support/tenants-files.js';

const key = (rest: string): string =>
  tenant(`apiKeys: [{ id: k, digest: ${DIGEST}, permissions: ['groups:read'], ${rest} }]`);

describe('API keys in the tenants file', () => {
  it.each<FaultCase>([
    [
      'a key without an id',
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
      /permissions: must not be empty/,
    ],
    [
      'a permission as text',
      tenant(`apiKeys: [{ id: k, digest: ${DIGEST}, permissions: 'groups:read' }]`),
      /permissions: must be a list/,
    ],
    ['a date without a time', key('expiresAt: 2027-01-01'), /apiKeys\[0\]\.expiresAt: must be a date/],
    ['a date without a time zone', key('expiresAt: 2027-01-01T00:00:00'), /expiresAt/],
    ['the 30th of February', key('expiresAt: 2027-02-30T00:00:00Z'), /expiresAt/],
    ['an empty expiry', key('expiresAt:'), /expiresAt/],
    [
      'a duplicate key id in a tenant',
      tenant(
        `apiKeys: [{ id: k, digest: ${DIGEST}, permissions: ['groups:read'] }, { id: k, digest: ${OTHER_DIGEST}, permissions: ['groups:read'] }]`,
      ),
      /^line 1, tenant a: apiKeys\[1\]\.id: is already used by an earlier key \(see/,
    ],
    [
      'a duplicate key id in the file',
      `tenants: [{ id: a, spaces: [], apiKeys: [{ id: k, digest: ${DIGEST}, permissions: ['groups:read'] }] }, { id: b, spaces: [], apiKeys: [{ id: k, digest: ${OTHER_DIGEST}, permissions: ['groups:read'] }] }]`,
      /^line 1, tenant b: apiKeys\[0\]\.id: is already used by an earlier key \(see line 1, tenant a\)$/,
    ],
    [
      'a duplicate digest',
      tenant(
        `apiKeys: [{ id: k, digest: ${DIGEST}, permissions: ['groups:read'] }, { id: l, digest: ${DIGEST}, permissions: ['groups:read'] }]`,
      ),
      /apiKeys\[1\]\.digest: is already used by an earlier key/,
    ],
  ])('are rejected with %s', (_what, text, fault) => expectFault(text, fault));
});
