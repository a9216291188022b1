import { digestOf } from '../common/digest.js';
import type { TenantScope } from '../tenancy/tenant-scope.js';
import type { PageKey } from './page-store.js';

/** A version of the format belongs in page keys, never in the meta: a rolling deploy keeps one invalidation domain. */
const FORMAT = 1;

/**
 * Keys of a scope and its pages. The hash tag keeps a scope in one slot of a Cluster, and hashing keeps `}` and `:` of
 * the input out of keys.
 */
export function metaKey(scope: TenantScope): string {
  const { account, custSpaceId, businessNumber } = scope;
  return `cg:{${digestOf([account.id, custSpaceId, businessNumber])}}:m`;
}

export function pageKey(meta: string, page: string): PageKey {
  return { meta, page: `${meta.slice(0, -1)}p:${digestOf([String(FORMAT), page])}` };
}
