import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Lock, Locks } from './locks.js';
import { type StateStore, StateUnavailable } from './state-store.js';

const LIFE_MS = 3_000;
const KEY = 'lock';

let newStore: () => StateStore;
let store: StateStore;
let locks: Locks;
/** The same locks, as another replica has them. */
let others: Locks;

beforeAll(async () => {
  // Before the store's cache is loaded, which keeps the clock that it finds.
  jest.useFakeTimers();
  const { MemoryStateStore } = await import('./memory-state-store.js');
  newStore = () => new MemoryStateStore();
});
beforeEach(() => {
  // The cache takes a start at 0 for none.
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
  const out = async (): Promise<never> => Promise.reject(new StateUnavailable('out of reach'));
  for (const step of ['read', 'write', 'extend', 'remove'] as const)
    jest.spyOn(store, step).mockImplementation(out);
}

describe('a lock', () => {
  it('is held by one, and tells others by whom and for how long', async () => {
    const lock = await take();
    expect(lock.held).toBe(true);
    await pass(500);
    expect(await others.tryAcquire(KEY, { owner: 'second', lifeMs: LIFE_MS })).toEqual({
      holder: { owner: 'first', sinceMs: 500 },
    });
  });

  it('is one of its key', async () => {
    await take();
    expect(await locks.tryAcquire('another', { owner: 'first', lifeMs: LIFE_MS })).toHaveProperty('lock');
  });

  it('is taken again by who names its token', async () => {
    await take(locks, 'first', 'token');
    expect((await take(others, 'second', 'token')).held).toBe(true);
    await expect(take(others, 'third', 'another token')).rejects.toThrow('first has it');
  });

  it('is free after it was released', async () => {
    const lock = await take();
    await lock.release();
    expect(lock.held).toBe(false);
    expect((await take(others, 'second')).held).toBe(true);
  });

  it('ends by itself, for its holder a little sooner than for others', async () => {
    const lock = await take();
    await pass(LIFE_MS - 100);
    expect([lock.held, await holder()]).toEqual([false, 'first']);
    await pass(101);
    expect(await holder()).toBeUndefined();
  });

  it('that has expired is not released by who had it', async () => {
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
  it('is held for longer than its life', async () => {
    const lock = await take();
    lock.keepAlive();
    for (let lives = 0; lives < 10; lives += 1) {
      await pass(LIFE_MS);
      expect([lock.held, await holder()]).toEqual([true, 'first']);
    }
  });

  it('is held no more once it is released, and not renewed', async () => {
    const lock = await take();
    lock.keepAlive();
    await lock.release();
    const second = await take(others, 'second');
    await pass(LIFE_MS - 200);
    expect([lock.held, second.held]).toEqual([false, true]);
    await pass(LIFE_MS);
    expect(await holder()).toBeUndefined();
  });

  it('is known to be lost when somebody else has got it', async () => {
    const lock = await take(locks, 'first', 'token');
    lock.keepAlive();
    await store.remove(KEY, 'token');
    await take(others, 'second');
    await pass(LIFE_MS / 3 + 1);
    expect([lock.held, await holder()]).toEqual([false, 'second']);
  });

  it('survives a store that is out of reach for a moment', async () => {
    const lock = await take();
    lock.keepAlive();
    outOfReach();
    await pass(LIFE_MS / 2);
    jest.restoreAllMocks();
    await pass(LIFE_MS);
    expect([lock.held, await holder()]).toEqual([true, 'first']);
  });

  it('is not believed in for longer than the store can be out of reach', async () => {
    const lock = await take();
    lock.keepAlive();
    outOfReach();
    await pass(LIFE_MS);
    expect(lock.held).toBe(false);
  });

  it('that is lost is not taken for held again by a renewal that comes late', async () => {
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

describe('a lock that is left', () => {
  it('is nobody’s until it ends by itself', async () => {
    const lock = await take();
    lock.keepAlive();
    await lock.leave(10_000);
    expect([lock.held, await holder()]).toEqual([false, 'first']);
    await pass(9_999);
    expect(await holder()).toBe('first');
    await pass(2);
    expect(await holder()).toBeUndefined();
  });

  it('is left sooner, too', async () => {
    const lock = await take();
    await lock.leave(100);
    await pass(101);
    expect(await holder()).toBeUndefined();
  });
});

describe('a store that is out of reach', () => {
  it('gives no lock', async () => {
    outOfReach();
    await expect(take()).rejects.toBeInstanceOf(StateUnavailable);
  });

  it('ends a lock by its life, and its holder does not fail', async () => {
    const lock = await take();
    outOfReach();
    await lock.release();
    jest.restoreAllMocks();
    expect([lock.held, await holder()]).toEqual([false, 'first']);
    await pass(LIFE_MS + 1);
    expect(await holder()).toBeUndefined();
  });

  it('is no reason for a lock that is left to fail', async () => {
    const lock = await take();
    outOfReach();
    await lock.leave(100);
    expect(lock.held).toBe(false);
  });
});
