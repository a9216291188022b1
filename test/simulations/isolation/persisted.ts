import { createHash } from 'node:crypto';
import type { Random } from '../coherence/random.js';
import type { Draft } from '../fuzz/requests/draft.js';
import type { RunTenant } from '../tenants.js';

const FIELDS = ['subject', 'description inviteLink', 'id etag', 'participants { id }'] as const;

/**
 * A persisted query that names a number of its owner. `withText`: the owner registers it; otherwise the caller sends only
 * its hash.
 */
export function persistedQuery(random: Random, owner: RunTenant, withText: boolean): Draft {
  const number = random.pick(owner.businessNumbers);
  const query = `{ chatGroups(businessNumber: "${number}", first: 3) { nodes { ${random.pick(FIELDS)} } } }`;
  const sha256Hash = createHash('sha256').update(query).digest('hex');
  const extensions = { persistedQuery: { version: 1, sha256Hash } };
  return {
    operation: 'chatGroups',
    transport: 'GraphQL',
    method: 'POST',
    target: '/graphql',
    headers: [['Accept', 'application/json']],
    body: JSON.stringify(withText ? { query, extensions } : { extensions }),
  };
}
