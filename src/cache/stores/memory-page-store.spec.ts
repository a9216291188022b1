import { expect, it } from '@jest/globals';
import { MemoryPageStore } from './memory-page-store.js';
import type { PageKey } from './page-store.js';

const TIMES = { intentMs: 10_000, leaseMs: 6_000, settleMs: 3_000, holdMs: 1_500 };
const LIFETIMES = { freshMs: 10_000, staleWhileRevalidateMs: 20_000, staleIfErrorMs: 40_000 };
const MANY = 150_000;

const keyOf = (scope: string, owner: string): PageKey => ({ meta: `${scope}:m`, page: `${scope}:p`, owner });

it('keeps a scope that is used, however many others are asked for once', async () => {
  const store = new MemoryPageStore(TIMES, 1024 * 1024, () => 0);
  const used = keyOf('used', 'acme');
  const look = await store.lookup(used, undefined);
  if (look.kind !== 'leader') throw new Error(look.kind);
  const { generation, token } = look;
  await store.store(used, { generation, token, payload: 'a page', ageMs: 0, lifetimes: LIFETIMES });
  for (let n = 0; n < MANY; n += 1) {
    await store.lookup(keyOf(String(n), 'globex'), undefined);
    if (n % 1_000 === 0) expect((await store.lookup(used, undefined)).kind).toBe('hit');
  }
});
