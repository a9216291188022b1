import { afterAll, describe, expect, it } from '@jest/globals';
import { explore, type Exploration } from './explore.js';
import { FAULTS, PROTOCOL, type Bounds, type Fault, type Protocol } from './model.js';
import { BROKEN, MISTAKES } from './variants.js';

/**
 * Explores every run of the coherence protocol (docs/coherence.md) within limits: one scope, one page, one or two
 * writers that write once, one to three readers that keep reading, and at most two faults per run. Two faults cover
 * every pair of kinds, and each kind twice. test/model/README.md describes the simplifications.
 */
const SMALL: Bounds = { readers: 2, writers: 1, coherence: 'available', lag: false, faults: [], atMost: 0 };

/** The largest exploration takes a few seconds on an idle machine, and several times as long on a busy one. */
const SLOW_MS = 180_000;

let states = 0;
let explorations = 0;
const totals = (): string => `model: ${states} states in ${explorations} explorations\n`;

function run(bounds: Partial<Bounds>, change: Partial<Protocol> = {}): Exploration {
  const found = explore({ protocol: { ...PROTOCOL, ...change }, bounds: { ...SMALL, ...bounds } });
  states += found.states;
  explorations += 1;
  return found;
}

function without(...excluded: Fault[]): Fault[] {
  return FAULTS.filter((fault) => !excluded.includes(fault));
}

afterAll(() => {
  process.stdout.write(totals());
});

describe('the protocol', () => {
  it.each(['available', 'strict'] as const)(
    'keeps its promise under every pair of faults with COHERENCE=%s',
    (coherence) => {
      const found = run({ coherence, faults: FAULTS, atMost: 2 });
      expect(found.counterexample).toEqual([]);
      // An exploration that reaches too few states would pass, too.
      expect(found.states).toBeGreaterThan(150_000);
    },
    SLOW_MS,
  );

  it.each(['available', 'strict'] as const)(
    'keeps its promise with two writers and one fault of any kind with COHERENCE=%s',
    (coherence) => {
      const found = run({ coherence, readers: 1, writers: 2, faults: FAULTS, atMost: 1 });
      expect(found.counterexample).toEqual([]);
      expect(found.states).toBeGreaterThan(10_000);
    },
    SLOW_MS,
  );

  it(
    'keeps its promise with three readers in one process when their flights fail',
    () => {
      const faults: Fault[] = [
        'redis timeout',
        'duplicate delivery',
        'page evicted',
        'early expiry',
        'list fails',
      ];
      const found = run({ readers: 3, faults, atMost: 1 });
      expect(found.counterexample).toEqual([]);
      expect(found.states).toBeGreaterThan(20_000);
    },
    SLOW_MS,
  );

  it.each([
    { readers: 2, atMost: 1 },
    { readers: 1, atMost: 2 },
  ])(
    'keeps its promise while the upstream lags behind its own writes: $readers readers, $atMost faults',
    (bounds) => {
      const found = run({ ...bounds, lag: true, faults: without('meta evicted') });
      expect(found.counterexample).toEqual([]);
      expect(found.states).toBeGreaterThan(10_000);
    },
    SLOW_MS,
  );

  it(
    'never serves a page that lacks an applied write whose writer crashed or has an unknown outcome',
    () => {
      const bounds = { coherence: 'strict', readers: 1, atMost: 2, visiblePageIsComplete: true } as const;
      const found = run({ ...bounds, faults: without('meta evicted', 'early expiry') });
      expect(found.counterexample).toEqual([]);
      expect(found.states).toBeGreaterThan(10_000);
    },
    SLOW_MS,
  );

  it(
    'has at most one cacheable list in flight per page and generation',
    () => {
      const found = run({
        faults: without('page evicted', 'early expiry'),
        atMost: 1,
        oneListPerGeneration: true,
      });
      expect(found.counterexample).toEqual([]);
      expect(found.states).toBeGreaterThan(10_000);
    },
    SLOW_MS,
  );
});

describe.each(BROKEN)('the simpler protocol "$name"', ({ change, bounds }) => {
  it('fails where the real protocol passes', () => {
    expect(run(bounds, change).counterexample.length).toBeGreaterThanOrEqual(1);
    expect(run(bounds).counterexample).toEqual([]);
  });
});

describe.each(MISTAKES)('the mistake "$name"', ({ change, bounds }) => {
  it('fails where the real protocol passes', () => {
    expect(run(bounds, change).counterexample.length).toBeGreaterThanOrEqual(1);
    expect(run(bounds).counterexample).toEqual([]);
  });
});

describe('a known limitation of the protocol', () => {
  it.each<{ name: string; bounds: Partial<Bounds> }>([
    {
      name: 'meta evicted within the settle window of a lagging upstream',
      bounds: { lag: true, faults: ['meta evicted'], atMost: 1 },
    },
    {
      name: 'a page outdated for its lifetime because its writer crashed and the meta was evicted',
      bounds: { faults: ['writer crash', 'meta evicted'], atMost: 2, visiblePageIsComplete: true },
    },
    {
      name: 'a page outdated for its lifetime because Redis never learned of a write',
      bounds: { faults: ['redis timeout'], atMost: 2, visiblePageIsComplete: true },
    },
    {
      name: 'a second list of a page after the page and its lease were evicted',
      bounds: { faults: ['page evicted'], atMost: 1, oneListPerGeneration: true },
    },
  ])('is found by the model: $name', ({ bounds }) => {
    expect(run(bounds).counterexample.length).toBeGreaterThanOrEqual(1);
  });
});

describe('the checker', () => {
  it('reports the shortest path to a violation step by step', () => {
    const broken = BROKEN.find(({ name }) => name === 'no settle under lag');
    expect(run(broken?.bounds ?? {}, broken?.change).counterexample).toEqual([
      'w0: begin',
      'w0: the upstream applies it and replies',
      'w0: end, returns coherent',
      'r0: starts, read -> leader',
      'r0: lists upstream: nothing',
      'r0: store nothing -> stored, returns nothing',
      'upstream: lists catch up',
      'r0: starts, must see w0, read -> hit, returns nothing',
      'r0 started after w0 was acknowledged as coherent, and got a list without it',
    ]);
  });

  it('covers every outcome of every script and every fault', () => {
    const steps = [
      ...run({ lag: true, faults: FAULTS.filter((f) => f !== 'meta evicted'), atMost: 2, readers: 1 }).steps,
    ];
    steps.push(...run({ faults: FAULTS, atMost: 1 }).steps);
    const expected = [
      '-> bypass',
      '-> hit',
      '-> stale',
      'refreshes',
      '-> leader',
      '-> follower',
      'joins the flight',
      '-> stored',
      '-> refused',
      'serves the old page',
      'returns an error',
      'list FAILS',
      'read [times out',
      'begin [times out',
      'end [times out',
      'bump [times out',
      'writes anyway',
      'will retry',
      'returns bounded',
      'returns coherent',
      'a duplicate stays',
      'delayed read',
      'delayed store',
      'delayed fail',
      'delayed begin',
      'delayed end',
      'delayed bump',
      'LOST',
      'CRASH',
      'late',
      'never applies',
      'an uncached list shows it',
      'lists catch up',
      'RESTARTS EMPTY',
      'EVICTS the meta',
      'EVICTS the page',
      'ROLLS BACK',
      'FAILS OVER',
      'the page expires',
      'lease expires EARLY',
      'of w0 expires EARLY',
      'the lease expires',
    ];
    expect(expected.filter((phrase) => !steps.some((step) => step.includes(phrase)))).toEqual([]);
  });
});
