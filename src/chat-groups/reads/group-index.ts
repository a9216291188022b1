import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { DAY_MS } from '../../util/durations.js';

/** A group that the scope lists, and where it was seen. */
export interface IndexedGroup {
  /** Canonical page on which the group was last seen. */
  readonly pageIndex: number | undefined;
  /** `performance.now()` of the first listing. */
  readonly firstSeenAtMs: number;
}

/** Shared by all groups that were listed together, to save memory: there are many groups, but few listings. */
interface Sighting extends IndexedGroup {
  /** `performance.now()` of the latest listing. */
  readonly seenAtMs: number;
}

const MAX_GROUPS = 100_000;
/** Keeps one scope from evicting all others, or itself. */
const MAX_GROUPS_OF_SCOPE = 50_000;

/**
 * Proofs of ownership, and hints on which page a group is listed. A proof is valid for 24 h, independent of the cache's
 * generations, because a group never moves to another number. A hint may be wrong and is tried first.
 */
@Injectable()
export class GroupIndex {
  /** By scope and group id. */
  readonly #scopes = new LRUCache<string, Map<string, Sighting>>({
    maxSize: MAX_GROUPS,
    sizeCalculation: (groups) => groups.size,
  });

  get(scope: TenantScope, groupId: string): IndexedGroup | undefined {
    return current(this.#scopes.get(scope.key)?.get(groupId));
  }

  /**
   * Records the groups of a page that the scope listed at `seenAtMs` (`performance.now()`). Set `pageIndex` only for an
   * unfiltered page.
   */
  saw(
    scope: TenantScope,
    groups: Iterable<{ readonly groupId: string }>,
    pageIndex: number | undefined,
    seenAtMs: number,
  ): void {
    const known = this.#scopes.get(scope.key) ?? new Map<string, Sighting>();
    const sizeBefore = known.size;
    const sightings = new Map<Sighting | undefined, Sighting>();
    for (const { groupId } of groups) {
      const before = current(known.get(groupId));
      let sighting = sightings.get(before);
      if (!sighting) {
        const firstSeenAtMs = before?.firstSeenAtMs ?? seenAtMs;
        sighting = { pageIndex: pageIndex ?? before?.pageIndex, firstSeenAtMs, seenAtMs };
        sightings.set(before, sighting);
      }
      known.set(groupId, sighting);
    }
    if (known.size !== sizeBefore) this.#keep(scope, known);
  }

  /** Removes a group that was deleted through this gateway, or that is missing from a complete scan. */
  forget(scope: TenantScope, groupId: string): void {
    const known = this.#scopes.get(scope.key);
    if (known?.delete(groupId)) this.#keep(scope, known);
  }

  #keep(scope: TenantScope, known: Map<string, Sighting>): void {
    for (const oldest of known.keys()) {
      if (known.size <= MAX_GROUPS_OF_SCOPE) break;
      known.delete(oldest);
    }
    // Setting the same map again would not update its size.
    this.#scopes.delete(scope.key);
    if (known.size > 0) this.#scopes.set(scope.key, known);
  }
}

function current(sighting: Sighting | undefined): Sighting | undefined {
  return sighting && performance.now() - sighting.seenAtMs < DAY_MS ? sighting : undefined;
}
