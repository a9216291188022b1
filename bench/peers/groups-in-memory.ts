import { readFileSync } from 'node:fs';
import type { Group } from './group.js';

/** The groups of the peers without an upstream: one map lookup per list. */
export class GroupsInMemory {
  readonly #lists = new Map<string, Group[]>();
  readonly #byId = new Map<string, Group>();

  constructor(file: string) {
    for (const group of JSON.parse(readFileSync(file, 'utf8')) as Group[]) {
      const key = keyOf(group.custSpaceId, group.businessNumber);
      const list = this.#lists.get(key) ?? [];
      list.push(group);
      this.#lists.set(key, list);
      this.#byId.set(group.id, group);
    }
  }

  list(custSpaceId: string, businessNumber: string): readonly Group[] {
    return this.#lists.get(keyOf(custSpaceId, businessNumber)) ?? [];
  }

  get(id: string): Group | undefined {
    return this.#byId.get(id);
  }
}

/** Reads the file that the benchmark wrote. */
export function loadGroups(): GroupsInMemory {
  return new GroupsInMemory(process.env['GROUPS_FILE'] ?? '');
}

function keyOf(custSpaceId: string, businessNumber: string): string {
  return `${custSpaceId}/${businessNumber}`;
}
