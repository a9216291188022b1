import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { PendingInvalidations } from './pending-invalidations.js';
import { StoreUnavailable } from './stores/page-store.js';

const KEEP_MS = 60_000;

let up: boolean;
let tried: string[];
let owed: PendingInvalidations;

beforeEach(() => {
  jest.useFakeTimers();
  up = false;
  tried = [];
  const end = async (meta: string, token: string): Promise<void> => {
    tried.push(`${meta} ${token}`);
    if (!up) throw new StoreUnavailable('down', false);
  };
  owed = new PendingInvalidations({ end }, KEEP_MS, () => {});
});
afterEach(() => {
  owed.close();
  jest.useRealTimers();
});

const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

describe('PendingInvalidations', () => {
  it('retries until the store confirms', async () => {
    owed.add('scope', 'a');
    await pass(10_000);
    expect(tried.length).toBeGreaterThan(3);
    expect(owed.has('scope')).toBe(true);
    up = true;
    await pass(2_000);
    expect(owed.has('scope')).toBe(false);
    tried = [];
    await pass(10_000);
    expect(tried).toEqual([]);
  });

  it('keeps a scope until all its writes are confirmed', async () => {
    owed.add('scope', 'a');
    await pass(1_000);
    owed.add('scope', 'b');
    owed.add('scope', 'c');
    up = true;
    tried = [];
    await pass(2_000);
    expect(tried).toEqual(['scope a', 'scope b', 'scope c']);
    expect(owed.has('scope')).toBe(false);
  });

  it('retries one write at a time per scope', async () => {
    for (let write = 0; write < 1_000; write += 1) owed.add('scope', `w${write}`);
    await pass(10_000);
    expect(tried.length).toBeLessThan(20);
  });

  it('does not affect another scope', async () => {
    owed.add('scope', 'a');
    expect(owed.has('another')).toBe(false);
  });

  it('expires once no page older than the latest write can remain in the store', async () => {
    owed.add('scope', 'a');
    await pass(KEEP_MS / 2);
    owed.add('scope', 'b');
    await pass(KEEP_MS - 1_000);
    expect(owed.has('scope')).toBe(true);
    await pass(4_000);
    expect(owed.has('scope')).toBe(false);
    tried = [];
    await pass(KEEP_MS);
    expect(tried).toEqual([]);
  });

  it('stops retrying after close', async () => {
    owed.add('scope', 'a');
    owed.close();
    await pass(10_000);
    expect(tried).toEqual([]);
  });
});
