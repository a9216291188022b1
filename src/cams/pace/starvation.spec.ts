import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ProcessPace } from './process-pace.js';

const SECONDS = 10;
const STEP_MS = 10;
const PHASE_MS = 500;

const tenant = fc.record({
  weight: fc.double({ min: 0.1, max: 10, noNaN: true }),
  calls: fc.integer({ min: 1, max: 50 }),
  /** Its calls wait in all but every nth phase; 1: never. */
  pausesEvery: fc.integer({ min: 1, max: 6 }),
});

it('gives a tenant whose calls wait its part of the rate, whatever the others do', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.1, max: 10, noNaN: true }),
      fc.array(tenant, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 5, max: 100 }),
      (weight, others, perSecond) => {
        const pace = new ProcessPace(perSecond);
        let served = 0;
        let started = 0;
        for (let nowMs = 0; nowMs < SECONDS * 1_000; nowMs += STEP_MS) {
          const phase = Math.floor(nowMs / PHASE_MS);
          const demands = [
            { tenant: 'waits', weight, calls: 10 },
            ...others.flatMap((other, index) =>
              phase % other.pausesEvery === 0 ? [] : [{ ...other, tenant: `other-${index}` }],
            ),
          ];
          for (let { starts } = pace.next('one', demands, nowMs); starts.length > 0;) {
            started += starts.length;
            served += starts.filter((id) => id === 'waits').length;
            ({ starts } = pace.next('one', demands, nowMs));
          }
        }
        const all = others.reduce((sum, other) => sum + other.weight, weight);
        // Each of the others can be a call ahead.
        expect(served).toBeGreaterThanOrEqual(Math.floor((started * weight) / all) - others.length - 1);
        expect(started).toBeGreaterThanOrEqual((SECONDS - 1) * perSecond);
      },
    ),
  );
});
