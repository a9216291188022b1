import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import { AccountBroken, CallBreaker } from './call-breaker.js';

const PAUSE_MS = 1_000;
const SAMPLE_MS = 2_000;
/** Judged by ten calls or more. */
const PER_SECOND = 50;
const LEAST_CALLS = 10;

interface Call {
  readonly afterMs: number;
  readonly outcome: 'ok' | 'failed' | 'refused';
}

/** A call that was let through. */
interface Sent {
  readonly atMs: number;
  readonly outcome: Call['outcome'];
}

beforeEach(() => {
  Logger.overrideLogger(false);
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const calls = (...outcomes: Call['outcome'][]): fc.Arbitrary<Call[]> =>
  fc.array(
    fc.record({
      afterMs: fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 700 })),
      outcome: fc.constantFrom(...outcomes),
    }),
    {
      maxLength: 120,
      size: 'max',
    },
  );

/** Makes the calls one after the other. Returns those that were sent, and when the others were refused. */
async function make(all: readonly Call[]): Promise<{ sent: Sent[]; refusedAtMs: number[] }> {
  const breaker = new CallBreaker<string>(
    PER_SECOND,
    (outcome) => outcome === 'failed',
    () => {},
  );
  const sent: Sent[] = [];
  const refusedAtMs: number[] = [];
  for (const { afterMs, outcome } of all) {
    jest.advanceTimersByTime(afterMs);
    const atMs = performance.now();
    try {
      await breaker.run('one', async () => {
        sent.push({ atMs, outcome });
        return outcome;
      });
    } catch (error) {
      if (!(error instanceof AccountBroken)) throw error;
      refusedAtMs.push(atMs);
    }
  }
  return { sent, refusedAtMs };
}

it('never stops calls because they are refused', async () => {
  await fc.assert(
    fc.asyncProperty(calls('ok', 'refused'), async (all) => {
      expect((await make(all)).refusedAtMs).toEqual([]);
    }),
  );
});

it('stops calls only after most of enough calls have failed, and then tries one a second', async () => {
  let stopped = 0;
  await fc.assert(
    fc.asyncProperty(calls('failed', 'failed', 'failed', 'ok'), async (all) => {
      const { sent, refusedAtMs } = await make(all);
      for (const atMs of refusedAtMs) {
        const before = sent.filter((one) => one.atMs <= atMs);
        expect(before.length).toBeGreaterThanOrEqual(LEAST_CALLS);
        // The latest one failed less than a second ago: it stopped the calls, or was the one that was tried.
        expect(before.at(-1)?.outcome).toBe('failed');
        expect(atMs - (before.at(-1)?.atMs ?? 0)).toBeLessThanOrEqual(PAUSE_MS);
      }
      if (refusedAtMs.length > 0) stopped += 1;
    }),
    { numRuns: 500 },
  );
  expect(stopped).toBeGreaterThan(50);
});

it('goes on after a single success, however long calls have failed', async () => {
  await fc.assert(
    fc.asyncProperty(calls('failed'), async (failed) => {
      const ok = { afterMs: PAUSE_MS + 1, outcome: 'ok' } as const;
      const { sent } = await make([...failed, ok, { ...ok, afterMs: 0 }, { ...ok, afterMs: 0 }]);
      expect(sent.slice(-3).map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok']);
    }),
  );
});

it('forgets failures that are older than its sample', async () => {
  const failed = Array.from({ length: LEAST_CALLS - 1 }, () => ({ afterMs: 10, outcome: 'failed' }) as const);
  const rest = { afterMs: 2 * SAMPLE_MS, outcome: 'ok' } as const;
  const { refusedAtMs } = await make([...failed, rest, ...failed.slice(1), rest, ...failed.slice(1)]);
  expect(refusedAtMs).toEqual([]);
});

it('goes on although the wall clock was set back', async () => {
  const breaker = new CallBreaker<string>(
    PER_SECOND,
    () => true,
    () => {},
  );
  const call = (): Promise<string> => breaker.run('one', async () => 'failed');
  for (let calls = 0; calls < LEAST_CALLS; calls += 1) await call();
  await expect(call()).rejects.toBeInstanceOf(AccountBroken);
  jest.setSystemTime(Date.now() - 600_000);
  jest.advanceTimersByTime(PAUSE_MS);
  // This call notices it, and the next one is sent.
  await expect(call()).rejects.toBeInstanceOf(AccountBroken);
  expect(await call()).toBe('failed');
});
