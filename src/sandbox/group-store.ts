import type { Group, GroupChange } from './group.js';
import { normalNumber } from './numbers.js';

interface Version {
  readonly at: number;
  /** `null` if deleted. */
  readonly group: Group | null;
}

/**
 * All groups of the account, with as much history as a lagging list needs.
 * Lists are in order of creation. The order of the real upstream is not documented.
 */
export class GroupStore {
  readonly #histories = new Map<string, Version[]>();
  readonly #idsByScope = new Map<string, Set<string>>();

  constructor(
    private readonly clock: () => number,
    private readonly lagMs: () => number,
  ) {}

  /** Returns the current state of the group, whether or not lists show it. */
  get(id: string): Group | undefined {
    return this.#histories.get(id)?.at(-1)?.group ?? undefined;
  }

  /** Adds a group as of time `at`. Seed groups use 0, which is before any lag. */
  add(group: Group, at = this.clock()): Group {
    const scope = scopeOf(group.custSpaceId, group.businessNumber);
    const ids = this.#idsByScope.get(scope) ?? new Set<string>();
    this.#idsByScope.set(scope, ids.add(group.id));
    this.#record(group.id, group, at);
    return group;
  }

  /** Returns the changed group, or undefined if there is none. */
  change(id: string, change: GroupChange): Group | undefined {
    const group = this.get(id);
    if (group === undefined) return undefined;
    const changed = { ...group, ...change, modifiedAt: this.clock() };
    this.#record(id, changed);
    return changed;
  }

  /** Returns the deleted group, or undefined if there was none. */
  delete(id: string): Group | undefined {
    const group = this.get(id);
    if (group !== undefined) this.#record(id, null);
    return group;
  }

  /** Returns the ids after the group in lists of its number, for {@link restore}. */
  idsAfter({ id, custSpaceId, businessNumber }: Group): string[] {
    const ids = [...(this.#idsByScope.get(scopeOf(custSpaceId, businessNumber)) ?? [])];
    return ids.slice(ids.indexOf(id) + 1);
  }

  /** Brings back a deleted group, in front of the first of `nextIds` that is still there. */
  restore(group: Group, nextIds: readonly string[]): void {
    if (this.get(group.id) !== undefined) return;
    this.add(group);
    const scope = scopeOf(group.custSpaceId, group.businessNumber);
    const others = [...(this.#idsByScope.get(scope) ?? [])].filter((id) => id !== group.id);
    const next = new Set(nextIds);
    const place = others.findIndex((id) => next.has(id));
    this.#idsByScope.set(scope, new Set(others.toSpliced(place < 0 ? others.length : place, 0, group.id)));
  }

  /** Returns how many groups the number has, listed or not. */
  count(custSpaceId: string, businessNumber: string): number {
    return this.all(custSpaceId, businessNumber).length;
  }

  /** Returns the groups of a number in their current state, in order of creation. */
  all(custSpaceId: string, businessNumber: string): Group[] {
    const ids = this.#idsByScope.get(scopeOf(custSpaceId, businessNumber)) ?? [];
    return Array.from(ids, (id) => this.get(id)).filter((group) => group !== undefined);
  }

  /** Returns the groups of a number as lists show them now, in order of creation. */
  listed(custSpaceId: string, businessNumber: string): Group[] {
    const ids = this.#idsByScope.get(scopeOf(custSpaceId, businessNumber)) ?? [];
    return Array.from(ids, (id) => this.seen(id)).filter((group) => group !== undefined);
  }

  /** Returns the group as lists show it now, or undefined if they do not include it. */
  seen(id: string): Group | undefined {
    const at = this.clock() - this.lagMs();
    const group = this.#histories.get(id)?.findLast((version) => version.at <= at)?.group;
    if (!group || at < group.listedAt) return undefined;
    return at < group.activeAt ? { ...group, status: 'CREATING' } : group;
  }

  clear(): void {
    this.#histories.clear();
    this.#idsByScope.clear();
  }

  #record(id: string, group: Group | null, at = this.clock()): void {
    const history = [...(this.#histories.get(id) ?? []), { at, group }];
    // Keep the newest state that a lagging list may still show, and everything after it.
    const seenAt = this.clock() - this.lagMs();
    const first = history.findLastIndex((version) => version.at <= seenAt);
    const kept = history.slice(Math.max(first, 0));
    // It stands for everything before it: a lag that is set later must not hide a group that was listed all the time.
    const [oldest] = kept;
    if (first > 0 && oldest) kept[0] = { ...oldest, at: 0 };
    this.#histories.set(id, kept);
    if (group === null) this.#forgetDeleted(id, kept);
  }

  #forgetDeleted(id: string, kept: readonly Version[]): void {
    const last = kept.findLast((version) => version.group !== null)?.group;
    if (last) return;
    this.#histories.delete(id);
    for (const ids of this.#idsByScope.values()) ids.delete(id);
  }
}

function scopeOf(custSpaceId: string, businessNumber: string): string {
  return JSON.stringify([custSpaceId, normalNumber(businessNumber)]);
}
