import { beforeEach, expect, it } from '@jest/globals';
import { CacheTelemetry } from '../../src/cache/cache-telemetry.js';
import { L1PageCache } from '../../src/cache/l1-page-cache.js';
import { PageCache } from '../../src/cache/page-cache.js';
import { MemoryPageStore } from '../../src/cache/stores/memory-page-store.js';
import type { PageLifetimes } from '../../src/cache/stores/page-store.js';
import { RequestContext } from '../../src/request/request-context.js';
import { Metrics } from '../../src/telemetry/metrics.js';
import { delegate } from '../support/broken-page-stores.js';
import { accountWith, scopeOf } from '../support/cams-callers.js';
import { eventually } from '../support/eventually.js';

const METRICS = new Metrics();
const LIVES: PageLifetimes = { freshMs: 10_000, staleWhileRevalidateMs: 60_000, staleIfErrorMs: 600_000 };
const TIMES = { intentMs: 10_000, leaseMs: 5_000, settleMs: 0, holdMs: 1_000 };
/** Lookups of a tenant at once. */
const LIMIT = 64;

interface Lookup {
  readonly owner: string;
  readonly answer: () => void;
}

/** All lookups that the store was asked for. The test answers them. */
let lookups: Lookup[];
let cache: PageCache;

beforeEach(() => {
  lookups = [];
  const store = new MemoryPageStore(TIMES, 1_000_000);
  const held = delegate(store, {
    lookup: async (key, known) => {
      await new Promise<void>((answer) => lookups.push({ owner: key.owner, answer }));
      return store.lookup(key, known);
    },
  });
  cache = new PageCache(held, new L1PageCache(1_000_000, METRICS.foreignPages), {
    coherence: 'available',
    callMs: 1_000,
    intentMs: TIMES.intentMs,
    telemetry: new CacheTelemetry(METRICS),
    pageLifeMs: LIVES.staleIfErrorMs,
  });
});

function read(name: string, tenant = 'acme', request = new RequestContext(name, 60_000)): Promise<string> {
  const source = {
    list: async () => name,
    lifetimes: () => LIVES,
    deadlineMs: performance.now() + 60_000,
  };
  return cache.read(scopeOf(tenant, accountWith(), request), name, source).then(
    ({ value }) => value,
    (error: unknown) => String(error),
  );
}

const readAll = (count: number, prefix: string): Promise<string>[] =>
  Array.from({ length: count }, (_, n) => read(`${prefix}${n}`));
/** Resolves once everything that is due in this turn of the event loop and the next one is done. */
const turn = async (): Promise<void> => {
  for (const _ of [1, 2]) await new Promise(setImmediate);
};
const answerAll = (count: number): Promise<true> =>
  eventually(async () => {
    for (const { answer } of lookups) answer();
    return lookups.length >= count || undefined;
  });

it('a tenant has a limited number of lookups at once, and the others wait in order', async () => {
  const reads = readAll(LIMIT + 3, 'page');
  await turn();
  expect(lookups).toHaveLength(LIMIT);
  lookups[7]?.answer();
  await reads[7];
  expect(lookups).toHaveLength(LIMIT + 1);
  lookups[LIMIT]?.answer();
  expect(await reads[LIMIT]).toBe(`page${LIMIT}`);
  await answerAll(LIMIT + 3);
  expect(await Promise.all(reads)).toEqual(reads.map((_, n) => `page${n}`));
});

it('lookups of another tenant do not wait for them', async () => {
  const reads = readAll(LIMIT + 1, 'page');
  const other = read('other', 'globex');
  await turn();
  expect(lookups.filter(({ owner }) => owner === 'globex')).toHaveLength(1);
  await answerAll(LIMIT + 2);
  expect(await other).toBe('other');
  await Promise.all(reads);
});

it('a lookup that waits is not sent if all its readers have left', async () => {
  const reads = readAll(LIMIT, 'page');
  await turn();
  const [left, stayed, alone] = ['left', 'stayed', 'alone'].map((id) => new RequestContext(id, 60_000));
  const waiting = [
    read('shared', 'acme', left),
    read('shared', 'acme', stayed),
    read('abandoned', 'acme', alone),
    read('last'),
  ];
  await turn();
  for (const request of [left, alone]) request?.interest.requestEnded();
  await answerAll(LIMIT + 2);
  expect((await Promise.all(waiting)).slice(1)).toEqual(['shared', expect.stringMatching(/left/), 'last']);
  await Promise.all(reads);
  expect(lookups).toHaveLength(LIMIT + 2);
});
