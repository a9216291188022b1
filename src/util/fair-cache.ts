import { LRUCache } from 'lru-cache';

interface Entry<V> {
  readonly value: V;
  readonly size: number;
  readonly owner: Owner;
}

/** The entries of an owner, in the order in which they were set. */
interface Owner {
  readonly name: string;
  readonly keys: Set<string>;
  size: number;
}

export interface FairCacheOptions<V> {
  /** Maximum total size; the maximum number of entries if there is no `sizeOf`. */
  readonly maxSize: number;
  /** Size of a value, read when it is set. */
  readonly sizeOf?: (value: V) => number;
}

/**
 * An LRU cache shared by owners such as tenants. One owner may use all of it, but cannot evict entries of an owner that has
 * no more than an equal part. Reading costs what it costs in the LRU cache: owners matter only when something is evicted.
 */
export class FairCache<V extends {}> {
  readonly #entries: LRUCache<string, Entry<V>>;
  readonly #owners = new Map<string, Owner>();
  #size = 0;

  constructor(private readonly options: FairCacheOptions<V>) {
    // Limited by `maxSize`: with `max`, the cache would allocate all its memory at once. Entries are evicted before it does.
    this.#entries = new LRUCache({
      maxSize: options.maxSize,
      sizeCalculation: ({ size }) => size,
      dispose: (entry, key) => this.#remove(entry, key),
    });
  }

  /** Total size. */
  get size(): number {
    return this.#size;
  }

  get(key: string): V | undefined {
    return this.#entries.get(key)?.value;
  }

  /** Like {@link get}, but does not count as use. */
  peek(key: string): V | undefined {
    return this.#entries.peek(key)?.value;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /**
   * Sets an entry of `owner`. Returns whether it is kept: not if it exceeds the whole cache, or its owner's part while others
   * use theirs.
   */
  set(owner: string, key: string, value: V): boolean {
    const { maxSize, sizeOf } = this.options;
    const size = Math.max(1, Math.ceil(sizeOf?.(value) ?? 1));
    this.#entries.delete(key);
    if (size > maxSize) return false;
    const own = this.#owners.get(owner) ?? { name: owner, keys: new Set(), size: 0 };
    while (this.#size + size > maxSize) if (!this.#evictFor(own, size)) return false;
    this.#owners.set(owner, own);
    own.keys.add(key);
    own.size += size;
    this.#size += size;
    this.#entries.set(key, { value, size, owner: own });
    return true;
  }

  delete(key: string): boolean {
    return this.#entries.delete(key);
  }

  /** Removes all entries of these owners. */
  deleteOwners(names: readonly string[]): void {
    for (const name of names) for (const key of this.#owners.get(name)?.keys ?? []) this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }

  /** Evicts the least recently used entry, or that of an owner with more than its part. Returns `false` if there is none. */
  #evictFor(own: Owner, size: number): boolean {
    const part = this.options.maxSize / (this.#owners.size + (own.keys.size === 0 ? 1 : 0));
    const [oldest] = this.#entries.rkeys();
    const victim = oldest === undefined ? undefined : this.#entries.peek(oldest);
    if (oldest === undefined || !victim) throw new Error('The sizes of a cache do not add up.');
    if (victim.owner === own || victim.owner.size > part) return this.#entries.delete(oldest);
    // Usually the owner that fills the cache; to find the largest takes longer.
    const isOver = own.keys.size > 0 && own.size + size > part;
    const giver = isOver ? own : this.#largest();
    if (!isOver && giver.size <= part) return false;
    const [first] = giver.keys;
    return first !== undefined && this.#entries.delete(first);
  }

  #largest(): Owner {
    return [...this.#owners.values()].reduce((a, b) => (b.size > a.size ? b : a));
  }

  #remove({ owner, size }: Entry<V>, key: string): void {
    if (!owner.keys.delete(key)) return;
    owner.size -= size;
    this.#size -= size;
    if (owner.keys.size === 0) this.#owners.delete(owner.name);
  }
}
