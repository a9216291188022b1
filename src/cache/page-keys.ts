import { digestOf } from '../util/digest.js';
import type { TenantScope } from '../tenancy/tenant-scope.js';
import { FairCache } from '../util/fair-cache.js';
import type { PageKey } from './stores/page-store.js';

/** Part of page keys, never of the meta key: a rolling deploy keeps one invalidation domain. */
const FORMAT = 2;

// Computing a digest costs more than caching it.
const MAX_REMEMBERED = 5_000;
const metas = new FairCache<string>({ maxSize: MAX_REMEMBERED });
const pages = new FairCache<PageKey>({ maxSize: MAX_REMEMBERED });

/**
 * Returns the meta key of a scope. The hash tag keeps all keys of a scope in one Cluster slot; hashing keeps `}` and
 * `:` of the input out of keys.
 */
export function metaKey(scope: TenantScope): string {
  const known = metas.get(scope.key);
  if (known !== undefined) return known;
  const { account, custSpaceId, businessNumber } = scope;
  const meta = `cg:{${digestOf([account.id, custSpaceId, businessNumber])}}:m`;
  metas.set(scope.tenant.id, scope.key, meta);
  return meta;
}

/** Returns the key of a page. `owner` is the tenant of the scope. */
export function pageKey(meta: string, page: string, owner: string): PageKey {
  const name = meta + page;
  const known = pages.get(name);
  if (known) return known;
  const key = { meta, page: `${meta.slice(0, -1)}p:${digestOf([String(FORMAT), page])}`, owner };
  pages.set(owner, name, key);
  return key;
}
