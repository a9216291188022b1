import { LRUCache } from 'lru-cache';
import type { StateEntry, StateStore, StateWrite } from './state-store.js';

interface Held {
  readonly value: string;
  readonly version: string;
  readonly writtenAtMs: number;
}

const MAX_ENTRIES = 200_000;

/** State in memory, for a single instance without a state Redis. */
export class MemoryStateStore implements StateStore {
  /** Limited by `maxSize`: with `max`, the cache would allocate all its memory at once. */
  readonly #entries = new LRUCache<string, Held>({ maxSize: MAX_ENTRIES, sizeCalculation: () => 1 });
  readonly #sets = new Map<string, Set<string>>();

  async read(key: string): Promise<StateEntry | undefined> {
    const held = this.#entries.get(key);
    return held && { value: held.value, version: held.version, ageMs: performance.now() - held.writtenAtMs };
  }

  async write(key: string, { expected, version, value, lifeMs }: StateWrite): Promise<boolean> {
    const current = this.#entries.get(key)?.version;
    if (current === version) return true;
    if (current !== expected) return false;
    this.#entries.set(key, { value, version, writtenAtMs: performance.now() }, { ttl: lifeMs });
    return true;
  }

  async extend(key: string, version: string, lifeMs: number): Promise<boolean> {
    const held = this.#entries.get(key);
    if (held?.version !== version) return false;
    this.#entries.set(key, held, { ttl: lifeMs });
    return true;
  }

  async remove(key: string, version: string): Promise<boolean> {
    return this.#entries.get(key)?.version === version && this.#entries.delete(key);
  }

  async members(key: string): Promise<readonly string[]> {
    return [...(this.#sets.get(key) ?? [])];
  }

  async addMember(key: string, member: string): Promise<void> {
    const set = this.#sets.get(key) ?? new Set();
    this.#sets.set(key, set.add(member));
  }

  async removeMember(key: string, member: string): Promise<void> {
    this.#sets.get(key)?.delete(member);
  }
}
