import { createHash } from 'node:crypto';
import type { TenantScope } from '../tenancy/tenant-scope.js';
import type { PageKey } from './page-store.js';

/** A version of the format belongs in page keys, never in the meta: a rolling deploy keeps one invalidation domain. */
const FORMAT = 1;
const HASH_CHARACTERS = 22;

/**
 * Keys of a scope and its pages. The hash tag keeps a scope in one slot of a Cluster, and hashing keeps `}` and `:` of
 * the input out of keys.
 */
export function metaKey(scope: TenantScope): string {
  const { account, custSpaceId, businessNumber } = scope;
  return `cg:{${hash([account.id, custSpaceId, businessNumber])}}:m`;
}

export function pageKey(meta: string, page: string): PageKey {
  return { meta, page: `${meta.slice(0, -1)}p:${hash([String(FORMAT), page])}` };
}

// Length prefixes keep ('ab', 'c') and ('a', 'bc') apart.
function hash(parts: readonly string[]): string {
  const text = parts.map((part) => `${part.length}:${part}`).join('');
  return createHash('sha256').update(text).digest('base64url').slice(0, HASH_CHARACTERS);
}
