import { Injectable } from '@nestjs/common';
import { PageCache } from '../../cache/page-cache.js';
import { Config } from '../../config/config.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { FairCache } from '../../util/fair-cache.js';
import type { OnTenantsRemoved, RemovedTenants } from '../../util/removed-tenants.js';
import { GroupPages } from './group-pages.js';

/** A complete scan of a scope. */
export interface CompleteScan {
  /** `performance.now()`. */
  readonly startedAtMs: number;
  /** Generation of the scope's pages before it started; `undefined` if nothing could be remembered of it. */
  readonly generation: string | undefined;
  readonly ids: ReadonlySet<string>;
}

const MAX_IDS = 200_000;

/**
 * Remembers which groups a scope has, so that requests for unknown ones cost no calls: a scan of 10,000 groups takes a
 * hundred. A write through any gateway ends that. A group that was created outside is found as soon as a list would show it.
 */
@Injectable()
export class ScannedGroups implements OnTenantsRemoved {
  readonly #scans = new FairCache<CompleteScan>({ maxSize: MAX_IDS, sizeOf: ({ ids }) => ids.size });
  readonly #freshMs: number;
  readonly #maxAgeMs: number;

  constructor(
    private readonly cache: PageCache,
    private readonly pages: GroupPages,
    config: Config,
  ) {
    this.#freshMs = config.cache.freshMs;
    this.#maxAgeMs = Math.max(config.cache.freshMs, config.cache.staleWhileRevalidateMs);
  }

  /** Remembers a scan between whose pages no group came or went. */
  remember(scope: TenantScope, scan: CompleteScan): void {
    if (scan.generation !== undefined) this.#scans.set(scope.tenant.id, scope.key, scan);
  }

  onTenantsRemoved({ tenants }: RemovedTenants): void {
    this.#scans.deleteOwners(tenants);
  }

  /** Whether a scan has shown that the group does not exist, and nothing has changed since. */
  async isAbsent(scope: TenantScope, groupId: string): Promise<boolean> {
    const scan = this.#scans.get(scope.key);
    if (!scan || scan.ids.has(groupId)) return false;
    const ageMs = performance.now() - scan.startedAtMs;
    if (ageMs >= this.#maxAgeMs || (await this.cache.generation(scope)) !== scan.generation) return false;
    if (ageMs < this.#freshMs) return true;
    // A cached page, so that this costs at most one call per CACHE_FRESH_MS.
    const { value } = await this.pages.page(scope, {}, 1);
    return value.total === scan.ids.size;
  }
}
