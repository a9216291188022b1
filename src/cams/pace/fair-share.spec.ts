import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { Interest } from '../../request/interest.js';
import { type Clock, SYSTEM_CLOCK } from './clock.js';
import type { Release } from './account-queue.js';
import { type Claim, FairShare, type FairShareOptions } from './fair-share.js';
import { Overload } from './overload.js';
import { ProcessPace } from './process-pace.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** A queue, and the tenants in the order in which they were granted permits. */
function queue(options: Partial<FairShareOptions> = {}) {
  const { perSecond = 10_000 } = options;
  const share = new FairShare({ maxConcurrency: 1, perSecond, pace: new ProcessPace(perSecond), ...options });
  const order: string[] = [];
  const held: { tenant: string; release: Release }[] = [];
  const ask = async (tenant: string, more: Partial<Claim> = {}): Promise<void> => {
    const release = await share.acquire({ account: 'a', tenant, weight: 1, maxWaitMs: 60_000, ...more });
    order.push(tenant);
    held.push({ tenant, release });
  };
  const askOften = (count: number, tenant: string, more?: Partial<Claim>): void => {
    for (let i = 0; i < count; i++) ask(tenant, more).catch(() => order.push(`${tenant} overloaded`));
  };
  const settle = (): Promise<unknown> => jest.advanceTimersByTimeAsync(0);
  /** Ends `count` calls one by one, so that as many others start. */
  const serve = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      held.shift()?.release();
      await settle();
    }
  };
  return { share, order, held, ask, askOften, settle, serve };
}

const counts = (order: readonly string[]): Record<string, number> =>
  Object.fromEntries(
    [...new Set(order)].map((name) => [name, order.filter((other) => other === name).length]),
  );

describe('permits', () => {
  it('never exceeds the limit, even if a permit is released twice', async () => {
    const { share, askOften, held, settle } = queue({ maxConcurrency: 2 });
    askOften(5, 'acme');
    await settle();
    expect([share.underWay, share.waiting]).toEqual([2, 3]);
    held[0]?.release();
    held[0]?.release();
    await settle();
    expect([share.underWay, share.waiting]).toEqual([2, 2]);
  });

  it('grants every claim eventually', async () => {
    const { share, askOften, order, settle, serve } = queue({ maxConcurrency: 3 });
    askOften(20, 'acme');
    askOften(20, 'globex');
    await settle();
    await serve(40);
    expect(counts(order)).toEqual({ acme: 20, globex: 20 });
    expect([share.underWay, share.waiting]).toEqual([0, 0]);
  });

  it('reports each change to onChange', async () => {
    const seen: number[] = [];
    const { share, askOften, settle } = queue({ onChange: () => seen.push(share.underWay) });
    askOften(1, 'acme');
    await settle();
    expect(seen.at(-1)).toBe(1);
  });
});

describe('fairness', () => {
  it('serves a quiet tenant next, no matter how many calls of a noisy one wait', async () => {
    const { askOften, order, settle, serve } = queue();
    askOften(100, 'noisy');
    await settle();
    await serve(10);
    askOften(1, 'quiet');
    await serve(2);
    expect(order.slice(-2)).toContain('quiet');
  });

  it('shares in proportion to the weights', async () => {
    const { askOften, order, settle, serve } = queue();
    askOften(100, 'heavy', { weight: 3 });
    askOften(100, 'light', { weight: 1 });
    await settle();
    await serve(39);
    expect(counts(order)).toEqual({ heavy: 30, light: 10 });
  });

  it('gives no credit to a tenant that was idle', async () => {
    const { askOften, order, settle, serve } = queue();
    askOften(1, 'late');
    askOften(100, 'busy');
    await settle();
    await serve(50);
    askOften(50, 'late');
    await serve(20);
    const { busy = 0, late = 0 } = counts(order.slice(-20));
    expect(Math.abs(busy - late)).toBeLessThanOrEqual(2);
  });

  it('reserves permits for others while the calls of one tenant hang', async () => {
    const { share, askOften, order, settle } = queue({ maxConcurrency: 16 });
    askOften(50, 'hanging');
    await settle();
    expect(share.underWay).toBe(14);
    askOften(1, 'other');
    await settle();
    expect(order.at(-1)).toBe('other');
  });

  it('does not hold back one account because another is rate limited', async () => {
    const { askOften, order, settle } = queue({ maxConcurrency: 100, perSecond: 2 });
    askOften(5, 'acme', { account: 'a' });
    askOften(1, 'globex', { account: 'b' });
    await settle();
    expect(counts(order)).toEqual({ acme: 1, globex: 1 });
  });
});

describe('the rate limit', () => {
  it('starts no more calls per second than the account may make and delays the others', async () => {
    const { askOften, order } = queue({ maxConcurrency: 100, perSecond: 10 });
    askOften(25, 'acme');
    await jest.advanceTimersByTimeAsync(999);
    expect(order.length).toBeLessThanOrEqual(10);
    await jest.advanceTimersByTimeAsync(2_000);
    expect(order).toHaveLength(25);
  });
});

/** A clock that moves by `stepMs` before each reading. The test runs its timers. */
class MovingClock implements Clock {
  readonly #timers = new Set<{ readonly dueMs: number; readonly ms: number; readonly run: () => void }>();
  #nowMs = 0;
  stepMs = 0;

  nowMs(): number {
    this.#nowMs += this.stepMs;
    return this.#nowMs;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { dueMs: this.#nowMs + ms, ms, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Delays of the pending timers. */
  get armed(): number[] {
    return [...this.#timers].map(({ ms }) => ms);
  }

  advanceTo(nowMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, nowMs);
  }

  /** Advances to the next timer and runs it. */
  runNext(): void {
    const [next] = [...this.#timers].toSorted((a, b) => a.dueMs - b.dueMs);
    if (!next) throw new Error('No timer is pending.');
    this.#timers.delete(next);
    this.advanceTo(next.dueMs);
    next.run();
  }
}

const GIVE_UP_MS = 20_000;

describe('a clock that moves between two readings', () => {
  it('wakes a waiter that becomes due while the queue decides', async () => {
    const clock = new MovingClock();
    const { share, askOften, order, serve } = queue({ maxConcurrency: 64, perSecond: 50, clock });
    askOften(25, 'acme');
    await serve(25);
    clock.advanceTo(19.9988);
    clock.stepMs = 0.0005;
    askOften(1, 'acme', { maxWaitMs: GIVE_UP_MS });
    expect(share.waiting).toBe(1);
    expect(clock.armed.toSorted((a, b) => a - b)).toEqual([1, GIVE_UP_MS]);
    clock.runNext();
    await serve(0);
    expect(order).toHaveLength(26);
  });

  it('always schedules a wake-up for a waiter whose account can start a call', async () => {
    const event = fc.record({
      kind: fc.constantFrom('ask', 'ask', 'release', 'release', 'timer', 'leave'),
      account: fc.constantFrom('a', 'b'),
      tenant: fc.constantFrom('acme', 'globex'),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { maxLength: 150 }),
        fc.double({ min: 0.0001, max: 200, noNaN: true }),
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 1, max: 12 }),
        async (events, stepMs, perSecond, maxConcurrency) => {
          const clock = new MovingClock();
          clock.stepMs = stepMs;
          const { share, held, ask, settle } = queue({ clock, perSecond, maxConcurrency });
          const isAwake = (): boolean =>
            share.waiting === 0 || share.underWay > 0 || clock.armed.some((ms) => ms !== GIVE_UP_MS);
          const unexpected: unknown[] = [];
          const interests: Interest[] = [];
          const refuse = (error: unknown): void => {
            if (!(error instanceof Overload)) unexpected.push(error);
          };
          for (const { kind, account, tenant } of events) {
            // A claim may time out, which is an overload. The property is that a wake-up is pending until then.
            if (kind === 'ask') {
              const interest = new Interest();
              interests.push(interest);
              ask(tenant, { account, maxWaitMs: GIVE_UP_MS, interest }).catch(refuse);
            } else if (kind === 'leave') interests.pop()?.requestEnded();
            else if (kind === 'release') held.shift()?.release();
            else if (clock.armed.length > 0) clock.runNext();
            await settle();
            if (!isAwake()) return false;
          }
          return unexpected.length === 0;
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('a queue that is too long', () => {
  it('refuses a tenant beyond its own limit, and no other', async () => {
    const { askOften, order, settle } = queue({ maxWaitingPerTenant: 2 });
    askOften(4, 'noisy');
    askOften(1, 'quiet');
    await settle();
    expect(counts(order)).toEqual({ noisy: 1, 'noisy overloaded': 1 });
  });

  it('refuses every tenant beyond the shared limit', async () => {
    const { share, askOften, order, settle } = queue({ maxWaiting: 2 });
    askOften(2, 'acme');
    askOften(2, 'globex');
    await settle();
    expect(counts(order)).toEqual({ acme: 1, 'globex overloaded': 1 });
    expect(share.waiting).toBe(2);
  });

  it('rejects a claim after its maximum wait, with a retry delay', async () => {
    const { share, ask, held, settle } = queue({ perSecond: 1 });
    void ask('acme');
    const late = ask('acme', { maxWaitMs: 500 });
    const refusal = expect(late).rejects.toMatchObject({
      reason: 'waited-too-long',
      retryAfterSeconds: expect.any(Number),
    });
    await jest.advanceTimersByTimeAsync(500);
    await refusal;
    await expect(late).rejects.toBeInstanceOf(Overload);
    expect(share.waiting).toBe(0);
    held[0]?.release();
    await settle();
    expect(share.underWay).toBe(0);
  });

  it('leaves no timer behind', async () => {
    const { askOften, settle, serve } = queue();
    askOften(3, 'acme');
    await settle();
    await serve(3);
    expect(jest.getTimerCount()).toBe(0);
  });
});

it('measures time and runs timers with the system clock', async () => {
  const fromMs = SYSTEM_CLOCK.nowMs();
  const ran = jest.fn();
  SYSTEM_CLOCK.after(10, ran);
  SYSTEM_CLOCK.after(10, ran)();
  await jest.advanceTimersByTimeAsync(10);
  expect(ran).toHaveBeenCalledTimes(1);
  expect(SYSTEM_CLOCK.nowMs() - fromMs).toBe(10);
});
