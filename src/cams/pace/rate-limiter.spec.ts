import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RateLimiter } from './rate-limiter.js';

/** Starts as many calls as allowed at each step. Returns their start times. */
function starts(pace: RateLimiter, untilMs: number, stepMs = 1): number[] {
  const moments: number[] = [];
  for (let nowMs = 0; nowMs < untilMs; nowMs += stepMs) {
    while (pace.waitMs(nowMs) === 0) {
      pace.take(nowMs);
      moments.push(nowMs);
    }
  }
  return moments;
}

const mostInASecond = (moments: readonly number[]): number =>
  Math.max(0, ...moments.map((from) => moments.filter((at) => at >= from && at < from + 1_000).length));

describe('RateLimiter', () => {
  it('allows a burst of half a second’s calls and spaces out the others', () => {
    const pace = new RateLimiter(10);
    for (let i = 0; i < 5; i++) {
      expect(pace.waitMs(0)).toBe(0);
      pace.take(0);
    }
    expect(pace.waitMs(0)).toBe(100);
  });

  it('sustains the configured rate', () => {
    expect(starts(new RateLimiter(10), 10_000)).toHaveLength(100);
  });

  it('supports a rate of one per second', () => {
    expect(starts(new RateLimiter(1), 2_500)).toEqual([0, 1_000, 2_000]);
  });

  it('never exceeds the rate in any second, regardless of when calls arrive', () => {
    const pauses = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), pauses, (perSecond, gaps) => {
        const pace = new RateLimiter(perSecond);
        const moments: number[] = [];
        let nowMs = 0;
        for (const gap of gaps) {
          nowMs += gap;
          if (pace.waitMs(nowMs) > 0) continue;
          pace.take(nowMs);
          moments.push(nowMs);
        }
        return mostInASecond(moments) <= perSecond;
      }),
    );
  });

  it.each([0, -1, 1.5, Number.NaN])('rejects a rate of %p per second', (perSecond) => {
    expect(() => new RateLimiter(perSecond)).toThrow(RangeError);
  });
});
