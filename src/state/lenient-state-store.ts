import { Logger } from '@nestjs/common';
import { MemoryStateStore } from './memory-state-store.js';
import {
  type IndexEntry,
  type IndexRange,
  type StateEntry,
  type StateStore,
  StateUnavailable,
  type StateWrite,
} from './state-store.js';
import type { StateShare } from './state-share.js';
import { MINUTE_MS } from '../util/durations.js';

const LOG_INTERVAL_MS = MINUTE_MS;

/**
 * A store for work that must continue while the shared store is unavailable: an entry that cannot be created there is
 * kept in this process for the entry's whole lifetime. Only then may two replicas hold the same lock.
 */
export class LenientStateStore implements StateStore {
  readonly #logger = new Logger('State');
  readonly #local = new MemoryStateStore();
  #loggedAtMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly shared: StateStore) {}

  async read(key: string): Promise<StateEntry | undefined> {
    return (await this.#local.read(key)) ?? this.shared.read(key);
  }

  async requireRoom(share: StateShare): Promise<void> {
    await this.shared.requireRoom(share);
  }

  async write(key: string, write: StateWrite): Promise<boolean> {
    if (await this.#local.read(key)) {
      const isLocal = await this.#local.write(key, write);
      // The entry is what was asked for, but only here.
      if (!isLocal || !write.sharedOnly) return isLocal;
    }
    try {
      return await this.shared.write(key, write);
    } catch (error) {
      if (!(error instanceof StateUnavailable) || write.expected !== undefined || write.sharedOnly)
        throw error;
      this.#note(error);
      return this.#local.write(key, write);
    }
  }

  /** An entry that is kept here is shared as well once the store is back, unless it has another one: that one counts then. */
  async extend(key: string, version: string, lifeMs: number): Promise<boolean> {
    const local = await this.#local.read(key);
    if (local?.version !== version) return this.shared.extend(key, version, lifeMs);
    try {
      const same = { expected: undefined, version, value: local.value, lifeMs };
      const isShared =
        (await this.shared.extend(key, version, lifeMs)) || (await this.shared.write(key, same));
      if (!isShared) await this.#local.remove(key, version);
      return isShared && (await this.#local.extend(key, version, lifeMs));
    } catch (error) {
      if (!(error instanceof StateUnavailable)) throw error;
      this.#note(error);
      return this.#local.extend(key, version, lifeMs);
    }
  }

  async remove(key: string, version: string, share?: StateShare): Promise<boolean> {
    const wasLocal = await this.#local.remove(key, version);
    // It may have been shared since.
    return (await this.shared.remove(key, version, share)) || wasLocal;
  }

  async members(key: string): Promise<readonly string[]> {
    const local = await this.#local.members(key);
    try {
      return [...new Set([...local, ...(await this.shared.members(key))])];
    } catch (error) {
      if (!(error instanceof StateUnavailable)) throw error;
      this.#note(error);
      return local;
    }
  }

  /** Without `sharedOnly`, this process remembers the name, too: another one may remove it, not finding what is kept here. */
  async addMember(
    key: string,
    member: string,
    { sharedOnly = false }: Pick<StateWrite, 'sharedOnly'> = {},
  ): Promise<void> {
    if (sharedOnly) return this.shared.addMember(key, member);
    await this.#local.addMember(key, member);
    try {
      await this.shared.addMember(key, member);
    } catch (error) {
      if (!(error instanceof StateUnavailable)) throw error;
      this.#note(error);
    }
  }

  async removeMember(key: string, member: string): Promise<void> {
    await this.#local.removeMember(key, member);
    await this.shared.removeMember(key, member);
  }

  async addToIndex(
    key: string,
    entry: IndexEntry,
    { sharedOnly = false }: Pick<StateWrite, 'sharedOnly'> = {},
  ): Promise<void> {
    try {
      await this.shared.addToIndex(key, entry);
    } catch (error) {
      if (!(error instanceof StateUnavailable) || sharedOnly) throw error;
      this.#note(error);
      await this.#local.addToIndex(key, entry);
    }
  }

  async removeFromIndex(key: string, name: string): Promise<void> {
    await this.#local.removeFromIndex(key, name);
    await this.shared.removeFromIndex(key, name);
  }

  /** Throws while the shared store is unavailable: a part of an index would look like all of it. */
  async index(key: string, range: IndexRange): Promise<readonly string[]> {
    const local = await this.#local.index(key, range);
    const shared = await this.shared.index(key, range);
    if (local.length === 0) return shared;
    const names = [...new Set([...local, ...shared])].toSorted().toReversed();
    return names.slice(0, range.count);
  }

  #note(error: StateUnavailable): void {
    const nowMs = performance.now();
    if (nowMs - this.#loggedAtMs < LOG_INTERVAL_MS) return;
    this.#loggedAtMs = nowMs;
    this.#logger.warn({
      msg: 'the state store is unavailable: new locks and operations are kept in this process meanwhile',
      reason: error.message,
    });
  }
}
