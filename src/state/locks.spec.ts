import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Lock, Locks } from './locks.js';
import { type StateStore, StateUnavailable } from './state-store.js';

const LIFE_MS = 3_000;
const KEY = 'lock';

let newStore: () => StateStore;
let store: StateStore;
let locks: Locks;
/** The same locks, from another replica. */
let others: Locks;

beforeAll(async () => {
  // Before loading the store: its LRU cache captures the clock when it is loaded.
  jest.useFakeTimers();
  const { MemoryStateStore } = await import('./memory-state-store.js');
  newStore = () => new MemoryStateStore();
});
beforeEach(() => {
  // The LRU cache treats a start time of 0 as missing.
  jest.advanceTimersByTime(1_000);
  store = newStore();
  [locks, others] = [new Locks(store), new Locks(store)];
});
afterEach(() => {
  jest.restoreAllMocks();
  jest.clearAllTimers();
});

const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

async function take(from = locks, owner = 'first', token?: string): Promise<Lock> {
  const taken = await from.tryAcquire(KEY, { owner, lifeMs: LIFE_MS, ...(token !== undefined && { token }) });
  if ('lock' in taken) return taken.lock;
  throw new Error(`${taken.holder.owner} has it.`);
}

async function holder(): Promise<string | undefined> {
  const taken = await others.tryAcquire(KEY, { owner: 'asking', lifeMs: 1 });
  return 'holder' in taken ? taken.holder.owner : undefined;
}

function outOfReach(): void {
  const out = async (): Promise<never> => Promise.reject(new StateUnavailable('unavailable'));
  for (const step of ['read', 'write', 'extend', 'remove'] as const)
    jest.spyOn(store, step).mockImplementation(out);
}

describe('a lock', () => {
  it('has one holder and reports its owner and age to others', async () => {
    const lock = await take();
    expect(lock.held).toBe(true);
    await pass(500);
    expect(await others.tryAcquire(KEY, { owner: 'second', lifeMs: LIFE_MS })).toEqual({
      holder: { owner: 'first', sinceMs: 500 },
    });
  });

  it('does not affect another key', async () => {
    await take();
    expect(await locks.tryAcquire('another', { owner: 'first', lifeMs: LIFE_MS })).toHaveProperty('lock');
  });

  it('can be acquired again with its token', async () => {
    await take(locks, 'first', 'token');
    expect((await take(others, 'second', 'token')).held).toBe(true);
    await expect(take(others, 'third', 'another token')).rejects.toThrow('first has it');
  });

  it('is free after its release', async () => {
    const lock = await take();
    await lock.release();
    expect(lock.held).toBe(false);
    expect((await take(others, 'second')).held).toBe(true);
  });

  it('expires, for its holder slightly earlier than for others', async () => {
    const lock = await take();
    await pass(LIFE_MS - 100);
    expect([lock.held, await holder()]).toEqual([false, 'first']);
    await pass(101);
    expect(await holder()).toBeUndefined();
  });

  it('is not released by its former holder after it expired', async () => {
    const lock = await take();
    await pass(LIFE_MS + 1);
    await take(others, 'second');
    await lock.release();
    expect(await holder()).toBe('second');
    await lock.leave(1);
    await pass(2);
    expect(await holder()).toBe('second');
  });
});

describe('a lock that is kept alive', () => {
  it('is held longer than its lifetime', async () => {
    const lock = await take();
    lock.keepAlive();
    for (let lives = 0; lives < 10; lives += 1) {
      await pass(LIFE_MS);
      expect([lock.held, await holder()]).toEqual([true, 'first']);
    }
  });

  it('is not held or renewed after its release', async () => {
    const lock = await take();
    lock.keepAlive();
    await lock.release();
    const second = await take(others, 'second');
    await pass(LIFE_MS - 200);
    expect([lock.held, second.held]).toEqual([false, true]);
    await pass(LIFE_MS);
    expect(await holder()).toBeUndefined();
  });

  it('is no longer held once another owner has acquired it', async () => {
    const lock = await take(locks, 'first', 'token');
    lock.keepAlive();
    await store.remove(KEY, 'token');
    await take(others, 'second');
    await pass(LIFE_MS / 3 + 1);
    expect([lock.held, await holder()]).toEqual([false, 'second']);
  });

  it('survives a brief outage of the store', async () => {
    const lock = await take();
    lock.keepAlive();
    outOfReach();
    await pass(LIFE_MS / 2);
    jest.restoreAllMocks();
    await pass(LIFE_MS);
    expect([lock.held, await holder()]).toEqual([true, 'first']);
  });

  it('is no longer held when the store is unavailable for its lifetime', async () => {
    const lock = await take();
    lock.keepAlive();
    outOfReach();
    await pass(LIFE_MS);
    expect(lock.held).toBe(false);
  });

  it('is not held again after a late renewal', async () => {
    const lock = await take();
    lock.keepAlive();
    const renewal = Promise.withResolvers<boolean>();
    jest.spyOn(store, 'extend').mockReturnValue(renewal.promise);
    await pass(LIFE_MS / 3 + 1);
    await lock.release();
    renewal.resolve(true);
    await pass(1);
    expect(lock.held).toBe(false);
  });
});

describe('a lock that is left to expire', () => {
  it('blocks others without being held until it expires', async () => {
    const lock = await take();
    lock.keepAlive();
    await lock.leave(10_000);
    expect([lock.held, await holder()]).toEqual([false, 'first']);
    await pass(9_999);
    expect(await holder()).toBe('first');
    await pass(2);
    expect(await holder()).toBeUndefined();
  });

  it('can expire earlier than its lifetime', async () => {
    const lock = await take();
    await lock.leave(100);
    await pass(101);
    expect(await holder()).toBeUndefined();
  });
});

describe('a lock while the store is unavailable', () => {
  it('cannot be acquired', async () => {
    outOfReach();
    await expect(take()).rejects.toBeInstanceOf(StateUnavailable);
  });

  it('can be released without an error and expires', async () => {
    const lock = await take();
    outOfReach();
    await lock.release();
    jest.restoreAllMocks();
    expect([lock.held, await holder()]).toEqual([false, 'first']);
    await pass(LIFE_MS + 1);
    expect(await holder()).toBeUndefined();
  });

  it('can be left without an error', async () => {
    const lock = await take();
    outOfReach();
    await lock.leave(100);
    expect(lock.held).toBe(false);
  });
});
