import { beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { LenientStateStore } from './lenient-state-store.js';
import { Locks } from './locks.js';
import { MemoryStateStore } from './memory-state-store.js';
import { type IndexEntry, type StateStore, StateUnavailable } from './state-store.js';

Logger.overrideLogger(false);

/** A shared store that can be made unavailable. */
class SharedStore extends MemoryStateStore {
  out = false;

  override read(...args: Parameters<StateStore['read']>): ReturnType<StateStore['read']> {
    return this.#reach(() => super.read(...args));
  }
  override write(...args: Parameters<StateStore['write']>): Promise<boolean> {
    return this.#reach(() => super.write(...args));
  }
  override extend(...args: Parameters<StateStore['extend']>): Promise<boolean> {
    return this.#reach(() => super.extend(...args));
  }
  override remove(...args: Parameters<StateStore['remove']>): Promise<boolean> {
    return this.#reach(() => super.remove(...args));
  }
  override requireRoom(...args: Parameters<StateStore['requireRoom']>): Promise<void> {
    return this.#reach(() => super.requireRoom(...args));
  }
  override members(key: string): Promise<readonly string[]> {
    return this.#reach(() => super.members(key));
  }
  override addMember(key: string, member: string): Promise<void> {
    return this.#reach(() => super.addMember(key, member));
  }
  override removeMember(key: string, member: string): Promise<void> {
    return this.#reach(() => super.removeMember(key, member));
  }
  override addToIndex(key: string, entry: IndexEntry): Promise<void> {
    return this.#reach(() => super.addToIndex(key, entry));
  }
  override removeFromIndex(...args: Parameters<StateStore['removeFromIndex']>): Promise<void> {
    return this.#reach(() => super.removeFromIndex(...args));
  }
  override index(...args: Parameters<StateStore['index']>): ReturnType<StateStore['index']> {
    return this.#reach(() => super.index(...args));
  }

  async #reach<T>(step: () => Promise<T>): Promise<T> {
    if (this.out) throw new StateUnavailable('unavailable');
    return step();
  }
}

const LIFE_MS = 60_000;
const INDEXED = { name: 'a', oldest: '', maxNames: 10, lifeMs: LIFE_MS };
const writeOf = (version: string, expected?: string) => ({
  expected,
  version,
  value: `value ${version}`,
  lifeMs: LIFE_MS,
});

let shared: SharedStore;
let store: LenientStateStore;
let other: LenientStateStore;
beforeEach(() => {
  shared = new SharedStore();
  [store, other] = [new LenientStateStore(shared), new LenientStateStore(shared)];
});

describe('while the shared store is available', () => {
  it('shares entries between all stores', async () => {
    expect(await store.write('key', writeOf('1'))).toBe(true);
    expect(await other.write('key', writeOf('2'))).toBe(false);
    expect(await other.read('key')).toMatchObject({ version: '1' });
    expect(await other.write('key', writeOf('2', '1'))).toBe(true);
    expect(await store.extend('key', '2', LIFE_MS)).toBe(true);
    expect(await store.remove('key', '2')).toBe(true);
    await store.addMember('set', 'a');
    expect(await other.members('set')).toEqual(['a']);
  });

  it('remembers a name that another process removes, because it does not find what is kept here', async () => {
    await store.addMember('set', 'kept here');
    await store.addMember('set', 'shared', { sharedOnly: true });
    for (const name of ['kept here', 'shared']) await other.removeMember('set', name);
    expect(await store.members('set')).toEqual(['kept here']);
    await store.removeMember('set', 'kept here');
    expect(await store.members('set')).toEqual([]);
  });
});

describe('while the shared store is unavailable', () => {
  beforeEach(() => {
    shared.out = true;
  });

  it('keeps a new entry in this process for the entry’s whole lifetime', async () => {
    expect(await store.write('key', writeOf('1'))).toBe(true);
    expect(await store.write('key', writeOf('2'))).toBe(false);
    expect(await store.read('key')).toMatchObject({ version: '1', value: 'value 1' });
    expect(await store.write('key', writeOf('2', '1'))).toBe(true);
    expect(await store.extend('key', '2', LIFE_MS)).toBe(true);
    shared.out = false;
    expect(await store.read('key')).toMatchObject({ version: '2' });
    expect(await store.write('key', writeOf('3', '2'))).toBe(true);
    expect(await shared.read('key')).toBeUndefined();
    expect(await store.remove('key', '3')).toBe(true);
    expect(await store.read('key')).toBeUndefined();
  });

  it('keeps nothing in this process that must be shared', async () => {
    await expect(store.write('key', { ...writeOf('1'), sharedOnly: true })).rejects.toBeInstanceOf(
      StateUnavailable,
    );
    await expect(store.addMember('set', 'a', { sharedOnly: true })).rejects.toBeInstanceOf(StateUnavailable);
    expect(await store.members('set')).toEqual([]);
    await expect(store.addToIndex('index', INDEXED, { sharedOnly: true })).rejects.toBeInstanceOf(
      StateUnavailable,
    );
    await store.write('key', writeOf('2'));
    expect(await store.write('key', { ...writeOf('3'), sharedOnly: true })).toBe(false);
  });

  it('shares an entry that this process has kept when it is extended', async () => {
    await store.write('key', writeOf('1'));
    await store.write('other', writeOf('2'));
    expect(await store.extend('key', '1', LIFE_MS)).toBe(true);
    shared.out = false;
    expect(await store.extend('key', '1', LIFE_MS)).toBe(true);
    expect(await other.write('key', writeOf('3'))).toBe(false);
    // Unless the other process was faster: this one has lost the lock then.
    expect(await other.write('other', writeOf('4'))).toBe(true);
    expect(await store.extend('other', '2', LIFE_MS)).toBe(false);
    expect(await store.read('other')).toMatchObject({ version: '4' });
    expect(await store.remove('key', '1')).toBe(true);
    expect(await shared.read('key')).toBeUndefined();
  });

  it('shares an entry that this process has kept, once it must be shared', async () => {
    await store.write('key', writeOf('1'));
    const sharing = { ...writeOf('1'), sharedOnly: true };
    await expect(store.write('key', sharing)).rejects.toBeInstanceOf(StateUnavailable);
    shared.out = false;
    expect(await store.write('key', sharing)).toBe(true);
    expect(await shared.read('key')).toMatchObject({ version: '1' });
  });

  it('fails for an entry that is in the shared store', async () => {
    shared.out = false;
    await store.write('key', writeOf('1'));
    shared.out = true;
    const steps = [
      () => store.read('key'),
      () => store.write('key', writeOf('2', '1')),
      () => store.extend('key', '1', LIFE_MS),
      () => store.remove('key', '1'),
    ];
    for (const step of steps) await expect(step()).rejects.toBeInstanceOf(StateUnavailable);
    shared.out = false;
    expect(await store.read('key')).toMatchObject({ version: '1' });
  });

  it('does not report an entry as missing', async () => {
    await expect(store.read('key')).rejects.toBeInstanceOf(StateUnavailable);
  });

  it('returns the members added here, then all members once the store is back', async () => {
    shared.out = false;
    await other.addMember('set', 'a');
    shared.out = true;
    await store.addMember('set', 'b');
    expect(await store.members('set')).toEqual(['b']);
    shared.out = false;
    expect([...(await store.members('set'))].toSorted()).toEqual(['a', 'b']);
    await store.removeMember('set', 'b');
    expect(await store.members('set')).toEqual(['a']);
  });

  it('indexes a name in this process, and reads no part of an index', async () => {
    const entry = { oldest: '', maxNames: 3, lifeMs: LIFE_MS };
    shared.out = false;
    for (const name of ['1', '3', '5']) await other.addToIndex('index', { ...entry, name });
    shared.out = true;
    await store.addToIndex('index', { ...entry, name: '4' });
    await expect(store.index('index', { count: 3 })).rejects.toBeInstanceOf(StateUnavailable);
    shared.out = false;
    expect(await store.index('index', { count: 3 })).toEqual(['5', '4', '3']);
    expect(await store.index('index', { count: 3, below: '4' })).toEqual(['3', '1']);
    await store.removeFromIndex('index', '4');
    expect(await store.index('index', { count: 3 })).toEqual(['5', '3', '1']);
  });

  it('grants a lock to only one holder in this process', async () => {
    const locks = new Locks(store);
    const first = await locks.tryAcquire('lock', { owner: 'first', lifeMs: LIFE_MS });
    expect(await locks.tryAcquire('lock', { owner: 'second', lifeMs: LIFE_MS })).toMatchObject({
      holder: { owner: 'first' },
    });
    if (!('lock' in first)) throw new Error('The lock was not free.');
    await first.lock.release();
    expect(await locks.tryAcquire('lock', { owner: 'third', lifeMs: LIFE_MS })).toHaveProperty('lock');
  });
});
