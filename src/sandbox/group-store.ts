import type { Group, GroupChange } from './group.js';

interface Version {
  readonly at: number;
  /** `null`: deleted. */
  readonly group: Group | null;
}

/**
 * Every group of the account, with as much history as a lagging list needs.
 * Lists are in order of creation, which is one of the orders that the undocumented upstream may have.
 */
export class GroupStore {
  readonly #histories = new Map<string, Version[]>();
  readonly #idsByScope = new Map<string, Set<string>>();

  constructor(
    private readonly clock: () => number,
    private readonly lagMs: () => number,
  ) {}

  /** The group as it is, whether lists show it or not. */
  get(id: string): Group | undefined {
    return this.#histories.get(id)?.at(-1)?.group ?? undefined;
  }

  /** `at`: since when it is so; the seed is older than any lag. */
  add(group: Group, at = this.clock()): Group {
    const scope = scopeOf(group.custSpaceId, group.businessNumber);
    const ids = this.#idsByScope.get(scope) ?? new Set<string>();
    this.#idsByScope.set(scope, ids.add(group.id));
    this.#record(group.id, group, at);
    return group;
  }

  /** The group after the change, or undefined if there is none. */
  change(id: string, change: GroupChange): Group | undefined {
    const group = this.get(id);
    if (group === undefined) return undefined;
    const changed = { ...group, ...change, modifiedAt: this.clock() };
    this.#record(id, changed);
    return changed;
  }

  /** The group that was deleted, or undefined if there was none. */
  delete(id: string): Group | undefined {
    const group = this.get(id);
    if (group !== undefined) this.#record(id, null);
    return group;
  }

  /** How many groups the number has, listed or not. */
  count(custSpaceId: string, businessNumber: string): number {
    return this.all(custSpaceId, businessNumber).length;
  }

  /** The groups of a number as they are, in order of creation. */
  all(custSpaceId: string, businessNumber: string): Group[] {
    const ids = this.#idsByScope.get(scopeOf(custSpaceId, businessNumber)) ?? [];
    return Array.from(ids, (id) => this.get(id)).filter((group) => group !== undefined);
  }

  /** The groups of a number as lists show them now, in order of creation. */
  listed(custSpaceId: string, businessNumber: string): Group[] {
    const ids = this.#idsByScope.get(scopeOf(custSpaceId, businessNumber)) ?? [];
    return Array.from(ids, (id) => this.seen(id)).filter((group) => group !== undefined);
  }

  /** The group as lists show it now, or undefined where they do not have it. */
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
    // The newest state that a lagging list may still show, and all after it.
    const seenAt = this.clock() - this.lagMs();
    const first = history.findLastIndex((version) => version.at <= seenAt);
    const kept = history.slice(Math.max(first, 0));
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
  return JSON.stringify([custSpaceId, businessNumber]);
}
