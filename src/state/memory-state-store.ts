import { LRUCache } from 'lru-cache';
import { MINUTE_MS } from '../util/durations.js';
import { type StateShare, memoryUsedUp, recordsOf, shareUsedUp } from './state-share.js';
import {
  type IndexEntry,
  type IndexRange,
  type StateEntry,
  type StateStore,
  StateUnavailable,
  type StateWrite,
} from './state-store.js';

interface Held {
  readonly value: string;
  readonly version: string;
  readonly writtenAtMs: number;
  expiresAtMs: number;
  readonly bytes: number;
  /** How many records it counts as, and whose they are; `undefined` for an entry without a share. */
  readonly counted: { readonly owner: Owner; readonly records: number } | undefined;
}

/** The entries of a tenant, oldest first. */
interface Owner {
  readonly entries: Map<string, Held>;
  records: number;
  bytes: number;
}

const MAX_BYTES = 128 * 1024 * 1024;
const MAX_INDEX_NAMES = 200_000;
/** Memory of an entry besides its texts: measured, then rounded up. */
const ENTRY_BYTES = 400;

/**
 * State in memory, for a single instance without a state Redis. Entries only expire: a store that is full refuses new ones.
 * A tenant may use as many bytes as are still free for all, so that there is always room for the others.
 */
export class MemoryStateStore implements StateStore {
  readonly #entries = new Map<string, Held>();
  readonly #owners = new Map<string, Owner>();
  readonly #sets = new Map<string, Set<string>>();
  /** Sorted, newest first. Each is limited, so that no tenant has more than a small part. */
  readonly #indexes = new LRUCache<string, readonly string[]>({
    maxSize: MAX_INDEX_NAMES,
    sizeCalculation: ({ length }) => length + 1,
  });
  #bytes = 0;
  #sweepAtMs = 0;

  constructor(private readonly maxBytes = MAX_BYTES) {}

  async read(key: string): Promise<StateEntry | undefined> {
    const held = this.#current(key);
    return held && { value: held.value, version: held.version, ageMs: performance.now() - held.writtenAtMs };
  }

  async requireRoom(share: StateShare): Promise<void> {
    this.#admit(ENTRY_BYTES, '', share);
  }

  async write(key: string, { expected, version, value, lifeMs, share }: StateWrite): Promise<boolean> {
    this.#sweep();
    const current = this.#current(key);
    if (current?.version === version) return true;
    if (current?.version !== expected) return false;
    const bytes = ENTRY_BYTES + key.length + Buffer.byteLength(value);
    const counted = current ? current.counted : this.#admit(bytes, value, share);
    const nowMs = performance.now();
    if (current) this.#count(current, -1);
    const held = { value, version, writtenAtMs: nowMs, expiresAtMs: nowMs + lifeMs, bytes, counted };
    this.#entries.set(key, held);
    counted?.owner.entries.set(key, held);
    this.#count(held, 1);
    return true;
  }

  async extend(key: string, version: string, lifeMs: number): Promise<boolean> {
    const held = this.#current(key);
    if (held?.version !== version) return false;
    held.expiresAtMs = performance.now() + lifeMs;
    return true;
  }

  async remove(key: string, version: string, _share?: StateShare): Promise<boolean> {
    const held = this.#current(key);
    if (held?.version !== version) return false;
    this.#delete(key, held);
    return true;
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

  async addToIndex(key: string, { name, oldest, maxNames, lifeMs }: IndexEntry): Promise<void> {
    const known = (this.#indexes.get(key) ?? []).filter((other) => other >= oldest && other !== name);
    const place = known.findIndex((other) => other < name);
    const names = known.toSpliced(place === -1 ? known.length : place, 0, name).slice(0, maxNames);
    this.#indexes.set(key, names, { ttl: lifeMs });
  }

  async removeFromIndex(key: string, name: string): Promise<void> {
    const names = this.#indexes.get(key)?.filter((other) => other !== name);
    if (names) this.#indexes.set(key, names, { ttl: this.#indexes.getRemainingTTL(key) });
  }

  async index(key: string, { count, below }: IndexRange): Promise<readonly string[]> {
    const names = this.#indexes.get(key) ?? [];
    const rest = below === undefined ? names : names.filter((name) => name < below);
    return rest.slice(0, count);
  }

  #current(key: string): Held | undefined {
    const held = this.#entries.get(key);
    if (!held || held.expiresAtMs > performance.now()) return held;
    this.#delete(key, held);
    return undefined;
  }

  /** Returns what a new entry counts as. Throws if it does not fit. */
  #admit(bytes: number, value: string, share: StateShare | undefined): Held['counted'] {
    if (!share) {
      if (this.#bytes + bytes > this.maxBytes) throw new StateUnavailable('the memory for state is full');
      return undefined;
    }
    const owner = this.#owners.get(share.tenantId) ?? { entries: new Map(), records: 0, bytes: 0 };
    const records = recordsOf(value);
    this.#expireOldest(owner);
    if (owner.records + records > share.limit) throw shareUsedUp(share, leftOfOldest(owner));
    // What is free shrinks with each tenant that takes its part, but never to nothing.
    if (owner.bytes + bytes > this.maxBytes - this.#bytes) throw memoryUsedUp(leftOfOldest(owner));
    this.#owners.set(share.tenantId, owner);
    return { owner, records };
  }

  #count({ bytes, counted }: Held, sign: 1 | -1): void {
    this.#bytes += sign * bytes;
    if (!counted) return;
    counted.owner.bytes += sign * bytes;
    counted.owner.records += sign * counted.records;
  }

  #delete(key: string, held: Held): void {
    this.#entries.delete(key);
    held.counted?.owner.entries.delete(key);
    this.#count(held, -1);
  }

  #expireOldest({ entries }: Owner): void {
    const nowMs = performance.now();
    for (const [key, held] of entries) {
      if (held.expiresAtMs > nowMs) return;
      this.#delete(key, held);
    }
  }

  /** Once a minute, removes what has expired. */
  #sweep(): void {
    const nowMs = performance.now();
    if (nowMs < this.#sweepAtMs) return;
    this.#sweepAtMs = nowMs + MINUTE_MS;
    for (const [key, held] of this.#entries) if (held.expiresAtMs <= nowMs) this.#delete(key, held);
    for (const [id, owner] of this.#owners) if (owner.entries.size === 0) this.#owners.delete(id);
  }
}

function leftOfOldest({ entries }: Owner): number {
  const [oldest] = entries.values();
  return oldest ? oldest.expiresAtMs - performance.now() : MINUTE_MS;
}
