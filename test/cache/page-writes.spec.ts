import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CacheTelemetry } from '../../src/cache/cache-telemetry.js';
import { Metrics } from '../../src/telemetry/metrics.js';
import { MemoryPageStore } from '../../src/cache/stores/memory-page-store.js';
import { PageCache, type PageCacheOptions } from '../../src/cache/page-cache.js';
import { metaKey, pageKey } from '../../src/cache/page-keys.js';
import { L1PageCache } from '../../src/cache/l1-page-cache.js';
import { type PageStore, StoreUnavailable } from '../../src/cache/stores/page-store.js';
import { GatewayError } from '../../src/errors/gateway-error.js';
import { delegate } from '../support/broken-page-stores.js';
import { scopeOf } from '../support/cams-callers.js';
import { eventually } from '../support/eventually.js';
import { writeThrough } from '../support/write-through.js';

const METRICS = new Metrics();

const TIMES = { intentMs: 10_000, leaseMs: 5_000, settleMs: 0, holdMs: 1_000 };
const SCOPE = scopeOf();
const KEY = pageKey(metaKey(SCOPE), 'page', 'acme');

type Step = 'begin' | 'end' | 'bump';
/** How a step fails: at once without being run, after a timeout, or with a lost reply after it was run. */
type Failure = 'gone' | 'frozen' | 'reply lost';

let store: PageStore;
let cache: PageCache;
let tried: Step[];
/** Number of pauses between retries. All failures end after the third. */
let pauses: number;
let failing: Partial<Record<Step, Failure>>;

beforeEach(() => {
  tried = [];
  pauses = 0;
  failing = {};
  store = new MemoryPageStore(TIMES, 1_000_000);
  cache = open('available');
});
afterEach(() => cache.onModuleDestroy());

function open(coherence: PageCacheOptions['coherence']): PageCache {
  const step = async (name: Step, run: () => Promise<void>): Promise<void> => {
    tried.push(name);
    const failure = failing[name];
    if (failure === 'reply lost') await run();
    if (failure) throw new StoreUnavailable(failure, failure !== 'gone');
    await run();
  };
  const faulty = delegate(store, {
    begin: (meta, token) => step('begin', () => store.begin(meta, token)),
    end: (meta, token) => step('end', () => store.end(meta, token)),
    bump: (meta) => step('bump', () => store.bump(meta)),
  });
  return new PageCache(faulty, new L1PageCache(1_000_000, METRICS.foreignPages), {
    coherence,
    callMs: 1_000,
    intentMs: TIMES.intentMs,
    telemetry: new CacheTelemetry(METRICS),
    pageLifeMs: 60_000,
    pause: async () => {
      pauses += 1;
      if (pauses === 3) failing = {};
    },
  });
}

/** Runs a write that succeeds, or fails with `error`; returns its outcome and the store steps until then. */
async function write(error?: Error): Promise<{ outcome: string; steps: Step[]; sent: boolean }> {
  let sent = false;
  const send = async (begin: () => Promise<void>): Promise<void> => {
    await begin();
    sent = true;
    if (error) throw error;
  };
  let outcome: string;
  try {
    outcome = (await writeThrough(cache, SCOPE, send)).coherence;
  } catch (thrown) {
    outcome = (thrown as GatewayError).code;
  }
  return { outcome, steps: [...tried], sent };
}

const kind = async (): Promise<string> => (await store.lookup(KEY, undefined)).kind;
const unknown = new GatewayError('OUTCOME_UNKNOWN', 'outcome unknown');
const rejected = new GatewayError('UPSTREAM_REJECTED', 'refused');

describe('a write', () => {
  it('is coherent if its end is confirmed, even at the fourth attempt', async () => {
    expect(await write()).toEqual({ outcome: 'COHERENT', steps: ['begin', 'end'], sent: true });
    failing.end = 'gone';
    tried = [];
    expect(await write()).toEqual({
      outcome: 'COHERENT',
      steps: ['begin', 'end', 'end', 'end', 'end'],
      sent: true,
    });
  });

  it('is coherent if its beginning failed but its end is confirmed', async () => {
    failing.begin = 'gone';
    expect(await write()).toEqual({ outcome: 'COHERENT', steps: ['begin', 'end'], sent: true });
  });

  it('is bounded if the store is gone, and tries it only once at its beginning and once at its end', async () => {
    failing = { begin: 'gone', end: 'gone' };
    expect(await write()).toEqual({ outcome: 'BOUNDED', steps: ['begin', 'end'], sent: true });
  });

  it('waits for a frozen store once, and ends in the background', async () => {
    failing = { begin: 'frozen', end: 'frozen' };
    expect(await write()).toEqual({ outcome: 'BOUNDED', steps: ['begin'], sent: true });
    failing = {};
    await eventually(async () => tried.includes('end') || undefined);
  });

  it('waits once for a store that freezes during the CAMS call', async () => {
    failing.end = 'frozen';
    expect(await write()).toEqual({ outcome: 'BOUNDED', steps: ['begin', 'end'], sent: true });
  });

  it('ends the same way if CAMS refused it', async () => {
    expect(await write(rejected)).toEqual({
      outcome: 'UPSTREAM_REJECTED',
      steps: ['begin', 'end'],
      sent: true,
    });
    expect(await kind()).toBe('leader');
  });
});

describe('a write of unknown outcome', () => {
  it('keeps its intent, and creates a new generation', async () => {
    expect(await write(unknown)).toMatchObject({ outcome: 'OUTCOME_UNKNOWN', steps: ['begin', 'bump'] });
    expect(await kind()).toBe('bypass');
  });

  it('records its intent if that failed before', async () => {
    failing.begin = 'gone';
    const writing = writeThrough(cache, SCOPE, async (begin) => {
      await begin();
      delete failing.begin;
      throw unknown;
    });
    await expect(writing).rejects.toBe(unknown);
    expect(tried).toEqual(['begin', 'begin']);
    expect(await kind()).toBe('bypass');
  });

  it('is reported to the store later if the store does not confirm it, but not as the end of the write', async () => {
    failing.bump = 'frozen';
    expect(await write(unknown)).toMatchObject({ steps: ['begin', 'bump'] });
    const page = { list: async () => 'a', lifetimes: () => LIVES, deadlineMs: Infinity };
    expect((await cache.read(SCOPE, 'page', page)).cacheStatus).toMatch(/bypass/);
    await eventually(async () => tried.includes('end') || undefined);
    expect(await kind()).toBe('bypass');
  });
});

const LIVES = { freshMs: 10_000, staleWhileRevalidateMs: 10_000, staleIfErrorMs: 10_000 };

describe('a strict gateway', () => {
  beforeEach(() => {
    cache = open('strict');
  });

  it.each<Failure>(['gone', 'frozen', 'reply lost'])(
    'sends nothing if the beginning is %s',
    async (failure) => {
      failing.begin = failure;
      expect(await write()).toEqual({ outcome: 'COHERENCE_UNAVAILABLE', steps: ['begin'], sent: false });
    },
  );

  it('removes the intent of a write that it did not send', async () => {
    failing.begin = 'reply lost';
    await write();
    expect(await kind()).toBe('bypass');
    await eventually(async () => (await kind()) !== 'bypass' || undefined);
  });
});

describe('the generation of a scope', () => {
  it('is unknown to a process that still has to end a write in the store', async () => {
    expect(await cache.generation(SCOPE)).toEqual(expect.any(String));
    failing.end = 'frozen';
    await write();
    expect(await cache.generation(SCOPE)).toBeUndefined();
  });

  it('is unknown if the store is unavailable', async () => {
    const silent = delegate(store, {
      generation: async () => {
        throw new StoreUnavailable('gone', false);
      },
    });
    const asking = new PageCache(silent, new L1PageCache(1_000, METRICS.foreignPages), {
      coherence: 'available',
      callMs: 1_000,
      intentMs: TIMES.intentMs,
      telemetry: new CacheTelemetry(METRICS),
      pageLifeMs: 60_000,
    });
    expect(await asking.generation(SCOPE)).toBeUndefined();
  });
});
