import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import type { PageStore } from '../../src/cache/stores/page-store.js';
import {
  type Clock,
  sound,
  withNaiveJoin,
  withoutBumpBefore,
  withoutComparing,
  withoutIntent,
  withoutIntentAfterUnknown,
  withoutSettling,
} from '../support/broken-page-stores.js';
import {
  FATES,
  FAULTS,
  LAG_MS,
  LIFETIMES,
  PageCacheSimulation,
  TIMES,
} from '../support/page-cache-simulation.js';

const PROCESS = fc.nat(1);
const PLAN = fc.record({
  lagMs: fc.constantFrom(0, LAG_MS),
  writes: fc.array(fc.record({ process: PROCESS, fate: fc.constantFrom(...FATES), after: fc.nat(25) }), {
    minLength: 1,
    maxLength: 3,
  }),
  readers: fc.array(fc.record({ process: PROCESS, reads: fc.integer({ min: 4, max: 10 }) }), {
    minLength: 2,
    maxLength: 3,
  }),
  ticks: fc.array(
    fc.record({
      ms: fc.constantFrom(TIMES.settleMs, TIMES.settleMs, LIFETIMES.freshMs, TIMES.leaseMs, TIMES.intentMs),
      after: fc.nat(8),
    }),
    { maxLength: 10 },
  ),
  slowLists: fc.array(fc.constantFrom(0, 0, 60), { maxLength: 10 }),
  faults: fc.oneof(fc.constant([]), fc.array(fc.constantFrom(...FAULTS), { maxLength: 15 })),
});

/** Timeout that allows for a heavily loaded machine. */
const SLOW_MS = 120_000;

const seen = { reads: 0, hits: 0 };

/** Readers and writers of one scope, with the parts of their steps in any possible order. */
function coherence(store: (times: typeof TIMES, now: Clock) => PageStore): fc.IAsyncProperty<unknown> {
  return fc.asyncProperty(fc.scheduler(), PLAN, async (scheduler, plan) => {
    const simulation = new PageCacheSimulation(scheduler, (now) => store(TIMES, now), plan);
    for (const { process, fate, after } of plan.writes) {
      void simulation.idle(after).then(() => simulation.write(process, fate));
    }
    for (const { process, reads } of plan.readers) {
      void (async () => {
        for (let read = 0; read < reads; read += 1) await simulation.read(process);
      })();
    }
    void (async () => {
      for (const { ms, after } of plan.ticks) {
        await simulation.idle(after);
        await simulation.tick(ms);
      }
    })();
    await simulation.run();
    seen.reads += simulation.reads;
    seen.hits += simulation.hits;
    expect(simulation.violations).toEqual([]);
  });
}

describe('the page cache with random interleavings', () => {
  it(
    'shows every write acknowledged as coherent to all later reads',
    async () => {
      // A failure prints its seed and path; `fc.assert(…, { seed, path })` replays it.
      await fc.assert(coherence(sound), { numRuns: 500, endOnFailure: true });
      expect(seen.hits / seen.reads).toBeGreaterThan(0.05);
    },
    SLOW_MS,
  );

  it.each([
    { step: 'no new generation before a write', store: withoutBumpBefore },
    { step: 'no intent', store: withoutIntent },
    { step: 'an intent that ends when the outcome is unknown', store: withoutIntentAfterUnknown },
    { step: 'storing without comparing the generation', store: withoutComparing },
    { step: 'joining lists of any generation', store: withNaiveJoin },
    { step: 'no settle window', store: withoutSettling },
  ])(
    'fails with $step',
    async ({ store }) => {
      const { failed } = await fc.check(coherence(store), { numRuns: 3_000, endOnFailure: true });
      expect(failed).toBe(true);
    },
    SLOW_MS,
  );
});
