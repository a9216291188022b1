import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { TenantScope } from '../tenancy/tenant-scope.js';

/** What is remembered of a group: that the scope lists it, and where it was seen. */
export interface KnownGroup {
  /** Canonical page that it was last seen on. */
  readonly pageIndex: number | undefined;
  /** `performance.now()` of the first and of the latest listing. */
  readonly firstSeenAtMs: number;
  readonly seenAtMs: number;
}

const DAY_MS = 86_400_000;
const MAX_GROUPS = 100_000;

/**
 * Proofs of ownership, and hints where a group is listed. A proof holds for 24 h outside the cache's generations,
 * since a group never moves to another number; a hint may be wrong and is tried first.
 */
@Injectable()
export class KnownGroups {
  readonly #groups = new LRUCache<string, KnownGroup>({ max: MAX_GROUPS, ttl: DAY_MS });

  get(scope: TenantScope, groupId: string): KnownGroup | undefined {
    return this.#groups.get(key(scope, groupId));
  }

  /**
   * Notes the groups of a page that was listed in this scope at `seenAtMs` (`performance.now()`); `pageIndex` only for
   * an unfiltered page.
   */
  saw(
    scope: TenantScope,
    groups: Iterable<{ readonly groupId: string }>,
    pageIndex: number | undefined,
    seenAtMs: number,
  ): void {
    for (const { groupId } of groups) {
      const before = this.get(scope, groupId);
      this.#groups.set(key(scope, groupId), {
        pageIndex: pageIndex ?? before?.pageIndex,
        firstSeenAtMs: before?.firstSeenAtMs ?? seenAtMs,
        seenAtMs,
      });
    }
  }

  /** The group is gone: deleted through this gateway, or missing from a complete scan. */
  forget(scope: TenantScope, groupId: string): void {
    this.#groups.delete(key(scope, groupId));
  }
}

function key(scope: TenantScope, groupId: string): string {
  return `${scope.key}${groupId}`;
}
