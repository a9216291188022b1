import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import type { Judge } from './account-circuit.js';
import { type BreakerObserver, CallBreaker, CallsBroken, type Sender } from './call-breaker.js';

const PAUSE_MS = 1_000;
const SAMPLE_MS = 2_000;
/** Judged by ten calls or more. */
const PER_SECOND = 50;
const LEAST_CALLS = 10;
const UNOBSERVED: BreakerObserver = { account: () => {}, tenants: () => {} };
const JUDGE: Judge<string> = {
  isFailure: (outcome) => outcome === 'failed' || outcome === 'left',
  isAbandoned: (outcome) => outcome.startsWith('left'),
};
const ONE = { account: { id: 'one' }, tenant: { id: 'acme' } };

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
  const breaker = new CallBreaker(PER_SECOND, JUDGE, UNOBSERVED);
  const sent: Sent[] = [];
  const refusedAtMs: number[] = [];
  for (const { afterMs, outcome } of all) {
    jest.advanceTimersByTime(afterMs);
    const atMs = performance.now();
    try {
      await breaker.run(ONE, async () => {
        sent.push({ atMs, outcome });
        return outcome;
      });
    } catch (error) {
      if (!(error instanceof CallsBroken)) throw error;
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
  const breaker = new CallBreaker(PER_SECOND, JUDGE, UNOBSERVED);
  const call = (): Promise<string> => breaker.run(ONE, async () => 'failed');
  for (let calls = 0; calls < LEAST_CALLS; calls += 1) await call();
  await expect(call()).rejects.toBeInstanceOf(CallsBroken);
  jest.setSystemTime(Date.now() - 600_000);
  jest.advanceTimersByTime(PAUSE_MS);
  // This call notices it, and the next one is sent.
  await expect(call()).rejects.toBeInstanceOf(CallsBroken);
  expect(await call()).toBe('failed');
});

describe('one tenant', () => {
  const OTHER = { ...ONE, tenant: { id: 'globex' } };
  let broken: string[];
  let brokenTenants: number | undefined;
  let breaker: CallBreaker<string>;
  const observer: BreakerObserver = {
    account: (account, isBroken) => isBroken && broken.push(account),
    tenants: (_account, count) => {
      brokenTenants = count;
    },
  };
  beforeEach(() => {
    broken = [];
    brokenTenants = undefined;
    breaker = new CallBreaker(PER_SECOND, JUDGE, observer);
  });
  const call = (from: Sender, outcome: string): Promise<string> =>
    breaker.run(from, async () => outcome).catch(() => 'not sent');

  it.each([300, 1_200, 3_300])(
    'whose calls fail does not stop others, which call every %d ms',
    async (pauseMs) => {
      expect(await call(OTHER, 'ok')).toBe('ok');
      const outcomes: string[] = [];
      for (let n = 0; n < 200; n += 1) {
        jest.advanceTimersByTime(30);
        outcomes.push(await call(ONE, 'failed'));
        if ((n * 30) % pauseMs === 0) expect(await call(OTHER, 'ok')).toBe('ok');
      }
      // It is stopped itself, but for one call a second.
      expect(outcomes.filter((outcome) => outcome === 'failed').length).toBeLessThan(LEAST_CALLS + 10);
      expect(broken).toEqual([]);
    },
  );

  it('is counted and told that only its own calls are stopped, until they succeed', async () => {
    await call(OTHER, 'ok');
    expect(brokenTenants).toBe(0);
    for (let n = 0; n < LEAST_CALLS; n += 1) await call(ONE, 'failed');
    expect(brokenTenants).toBe(1);
    await expect(breaker.run(ONE, async () => 'ok')).rejects.toMatchObject({ isOfTenant: true });
    jest.advanceTimersByTime(PAUSE_MS + 1);
    await call(ONE, 'ok');
    expect(brokenTenants).toBe(0);
  });

  it('and another whose calls fail do not stop three others', async () => {
    const others = ['a', 'b', 'c'].map((id) => ({ ...ONE, tenant: { id } }));
    for (let n = 0; n < 100; n += 1) {
      jest.advanceTimersByTime(30);
      for (const from of [ONE, OTHER]) await call(from, 'failed');
      if (n % 30 === 0) for (const from of others) expect(await call(from, 'ok')).toBe('ok');
    }
    expect(broken).toEqual([]);
  });

  it('tries one call of its own while the account is stopped, and its success lets all go on', async () => {
    const third = { ...ONE, tenant: { id: 'third' } };
    const never = Promise.withResolvers<string>();
    for (let n = 0; n < 40; n += 1) for (const from of [ONE, OTHER]) await call(from, 'failed');
    expect(broken).toEqual(['one']);
    // Others that fail or hang do not take its turn.
    jest.advanceTimersByTime(PAUSE_MS);
    expect(await call(ONE, 'failed')).toBe('failed');
    const hanging = breaker.run(OTHER, () => never.promise).catch(() => 'not sent');
    expect(await call(OTHER, 'ok')).toBe('not sent');
    expect(await call(third, 'failed')).toBe('failed');
    await expect(breaker.run(third, async () => 'ok')).rejects.toMatchObject({ isOfTenant: false });
    jest.advanceTimersByTime(PAUSE_MS);
    for (const _ of [1, 2]) expect(await call(third, 'ok')).toBe('ok');
    for (const _ of [1, 2]) expect(await call(ONE, 'ok')).toBe('ok');
    never.resolve('failed');
    expect(await hanging).toBe('failed');
  });

  it.each([1, 2, 5])('is refused hardly ever, whatever calls of %d others fail', async (count) => {
    const others = Array.from({ length: count }, (_, n) => ({ ...ONE, tenant: { id: `other ${n}` } }));
    const outcomes: string[] = [];
    for (let n = 0; n < 1_000; n += 1) {
      jest.advanceTimersByTime(50);
      for (const from of others) await call(from, 'failed');
      if (n % 50 === 49) outcomes.push(await call(ONE, 'ok'));
    }
    expect(outcomes).toEqual(outcomes.map(() => 'ok'));
  });

  it('and many others try ten calls a second in all while the account is stopped', async () => {
    const many = Array.from({ length: 100 }, (_, n) => ({ ...ONE, tenant: { id: `tenant ${n}` } }));
    const round = async (): Promise<number> => {
      const sent = await Promise.all(many.map((from) => call(from, 'failed')));
      return sent.filter((outcome) => outcome === 'failed').length;
    };
    for (let n = 0; n < 2; n += 1) await round();
    expect(broken).toEqual(['one']);
    let sent = 0;
    for (let seconds = 0; seconds < 50; seconds += 1) {
      jest.advanceTimersByTime(1_000);
      sent += await round();
    }
    expect(sent).toBeGreaterThan(100);
    expect(sent).toBeLessThanOrEqual(500);
  });

  it('whose calls fail does not stop others that have been idle', async () => {
    await call(OTHER, 'ok');
    jest.advanceTimersByTime(SAMPLE_MS + 1);
    for (let n = 0; n < LEAST_CALLS; n += 1) await call(ONE, 'failed');
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => call(OTHER, 'ok')));
    expect([outcomes, broken, brokenTenants]).toEqual([outcomes.map(() => 'ok'), [], 1]);
  });

  it('and another whose calls fail stop the account if no others call it', async () => {
    for (let n = 0; n < LEAST_CALLS; n += 1) await call(ONE, 'failed');
    expect(broken).toEqual([]);
    await call(OTHER, 'failed');
    expect(broken).toEqual(['one']);
    for (let n = 0; n < LEAST_CALLS; n += 1)
      await call({ account: { id: 'two' }, tenant: { id: `t${n}` } }, 'failed');
    expect(broken).toEqual(['one', 'two']);
  });

  it('and another whose clients leave stop only themselves', async () => {
    for (let n = 0; n < LEAST_CALLS; n += 1) for (const from of [ONE, OTHER]) await call(from, 'left');
    expect([broken, brokenTenants]).toEqual([[], 2]);
    expect([await call(ONE, 'ok'), await call(OTHER, 'ok')]).toEqual(['not sent', 'not sent']);
    expect(await call({ ...ONE, tenant: { id: 'third' } }, 'ok')).toBe('ok');
  });

  it('whose clients leave soon does not keep the account from being stopped', async () => {
    for (let n = 0; n < 5 * LEAST_CALLS; n += 1) await call(ONE, 'left soon');
    for (let n = 0; n < LEAST_CALLS; n += 1)
      for (const id of ['a', 'b']) await call({ ...ONE, tenant: { id } }, 'failed');
    expect(broken).toEqual(['one']);
  });
});
