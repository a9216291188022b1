import { readFileSync } from 'node:fs';
import type { Group } from './group.js';

/** The groups of the peers without an upstream: one map lookup per list. */
export class GroupsInMemory<T> {
  readonly #lists = new Map<string, T[]>();
  readonly #byId = new Map<string, T>();

  constructor(groups: readonly Group[], select: (group: Group) => T) {
    for (const group of groups) {
      const key = keyOf(group.custSpaceId, group.businessNumber);
      const list = this.#lists.get(key) ?? [];
      const selected = select(group);
      list.push(selected);
      this.#lists.set(key, list);
      this.#byId.set(group.id, selected);
    }
  }

  list(custSpaceId: string, businessNumber: string): readonly T[] {
    return this.#lists.get(keyOf(custSpaceId, businessNumber)) ?? [];
  }

  get(id: string): T | undefined {
    return this.#byId.get(id);
  }
}

/** Reads the file that the benchmark wrote, and keeps of each group what `select` returns. */
export function loadGroups<T>(select: (group: Group) => T): GroupsInMemory<T> {
  const text = readFileSync(process.env['GROUPS_FILE'] ?? '', 'utf8');
  return new GroupsInMemory(JSON.parse(text) as Group[], select);
}

function keyOf(custSpaceId: string, businessNumber: string): string {
  return `${custSpaceId}/${businessNumber}`;
}
