import { Injectable } from '@nestjs/common';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { FairCache } from '../../util/fair-cache.js';
import type { OnTenantsRemoved, RemovedTenants } from '../../util/removed-tenants.js';
import { DAY_MS, MINUTE_MS } from '../../util/durations.js';

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
const MAX_DELETED = 20_000;
/** WhatsApp may undo a delete within minutes. After that, absence is remembered as for any other group. */
const DELETED_MS = 10 * MINUTE_MS;

/**
 * Proofs of ownership, and hints on which page a group is listed. A proof is valid for 24 h, independent of the cache's
 * generations, because a group never moves to another number. A hint may be wrong and is tried first.
 */
@Injectable()
export class GroupIndex implements OnTenantsRemoved {
  /** By scope and group id. */
  readonly #scopes = new FairCache<Map<string, Sighting>>({
    maxSize: MAX_GROUPS,
    sizeOf: (groups) => groups.size,
  });
  /** By scope and group id, when the delete was acknowledged (`performance.now()`). Oldest first. */
  readonly #deleted = new FairCache<Map<string, number>>({
    maxSize: MAX_DELETED,
    sizeOf: (groups) => groups.size,
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
    const deleted = this.#deleted.peek(scope.key);
    const sizeBefore = known.size;
    const sightings = new Map<Sighting | undefined, Sighting>();
    for (const { groupId } of groups) {
      const deletedAtMs = deleted?.get(groupId);
      // Listed before the delete: no proof that the group still exists.
      if (deletedAtMs !== undefined && seenAtMs < deletedAtMs) continue;
      deleted?.delete(groupId);
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

  /** Notes an acknowledged delete. IDs are never used again, so the group need not be looked for until a list shows it. */
  noteDeleted(scope: TenantScope, groupId: string): void {
    this.forget(scope, groupId);
    const nowMs = performance.now();
    const deleted = this.#deleted.get(scope.key) ?? new Map<string, number>();
    for (const [oldest, atMs] of deleted) {
      if (nowMs - atMs < DELETED_MS) break;
      deleted.delete(oldest);
    }
    deleted.delete(groupId);
    keepNewest(deleted.set(groupId, nowMs), MAX_DELETED, () =>
      this.#deleted.set(scope.tenant.id, scope.key, deleted),
    );
  }

  /** Whether the group was deleted through this process a short while ago, and no list has shown it since. */
  isDeleted(scope: TenantScope, groupId: string): boolean {
    const deletedAtMs = this.#deleted.peek(scope.key)?.get(groupId);
    return deletedAtMs !== undefined && performance.now() - deletedAtMs < DELETED_MS;
  }

  /** Removes a group that is missing from a complete scan. */
  forget(scope: TenantScope, groupId: string): void {
    const known = this.#scopes.get(scope.key);
    if (known?.delete(groupId)) this.#keep(scope, known);
  }

  onTenantsRemoved({ tenants }: RemovedTenants): void {
    this.#scopes.deleteOwners(tenants);
    this.#deleted.deleteOwners(tenants);
  }

  #keep(scope: TenantScope, known: Map<string, Sighting>): void {
    if (known.size === 0) this.#scopes.delete(scope.key);
    else keepNewest(known, MAX_GROUPS_OF_SCOPE, () => this.#scopes.set(scope.tenant.id, scope.key, known));
  }
}

/** Removes the oldest entries beyond `max`, and then half of the others each time until `isKept`. */
function keepNewest(entries: Map<string, unknown>, max: number, isKept: () => boolean): void {
  for (let rest = Math.min(entries.size, max); rest > 0; rest = Math.floor(rest / 2)) {
    for (const oldest of entries.keys()) {
      if (entries.size <= rest) break;
      entries.delete(oldest);
    }
    if (isKept()) return;
  }
}

function current(sighting: Sighting | undefined): Sighting | undefined {
  return sighting && performance.now() - sighting.seenAtMs < DAY_MS ? sighting : undefined;
}
