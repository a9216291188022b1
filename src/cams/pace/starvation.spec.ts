import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Release } from './account-queue.js';
import { FairShare } from './fair-share.js';
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

it('leaves several permits to others while the calls of one tenant are slow', async () => {
  const perSecond = 10_000;
  const share = new FairShare({ maxConcurrency: 64, perSecond, pace: new ProcessPace(perSecond) });
  const held: Record<string, Release[]> = { slow: [], other: [] };
  const ask = async (count: number, tenant: string): Promise<void> => {
    const claim = { account: 'a', tenant, weight: 1, maxWaitMs: 1_000 };
    for (let n = 0; n < count; n += 1)
      share.acquire(claim).then(
        (release) => held[tenant]?.push(release),
        () => undefined,
      );
    await new Promise(setImmediate);
  };
  await ask(100, 'slow');
  await ask(20, 'other');
  expect([held['slow']?.length, held['other']?.length]).toEqual([56, 4]);
  // When slow calls end, those that wait do not get back what the other tenant waits for.
  for (const release of held['slow']?.splice(0, 10) ?? []) release();
  await new Promise(setImmediate);
  expect(held['other']?.length).toBe(14);
  for (const release of Object.values(held).flat()) release();
});
