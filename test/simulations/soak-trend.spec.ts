import { describe, expect, it } from '@jest/globals';
import { fc } from '@fast-check/jest';
import { Random } from './coherence/random.js';
import { Metrics } from '../../src/telemetry/metrics.js';
import { SERIES, courseOf, grows } from './soak/series.js';
import { type Point, quantileOfT, trendOf, windowMeans } from './soak/trend.js';

const COUNT = 48;

/** Noise of mean 0 in which each value depends on the one before by this correlation. */
function noise(seed: number, correlation: number, count = COUNT): number[] {
  const random = new Random(seed);
  const values: number[] = [];
  for (let index = 0; index < count; index += 1) {
    // About normal, with a standard deviation of 1.
    const fresh = Array.from({ length: 12 }, () => random.next()).reduce((sum, one) => sum + one, -6);
    values.push(correlation * (values.at(-1) ?? 0) + Math.sqrt(1 - correlation ** 2) * fresh);
  }
  return values;
}

const points = (values: readonly number[]): Point[] => values.map((y, x) => ({ x, y }));
const shareOf = (count: number, holds: (seed: number) => boolean): number =>
  Array.from({ length: count }, (_, seed) => holds(seed + 1)).filter(Boolean).length / count;

describe('the trend of a series', () => {
  it('has the slope and the interval of the textbook', () => {
    // Calculated by hand: the residuals are -0.2, 0.6, -0.6 and 0.2 away from 1.4 x + 0.9 twice, which does not correlate.
    const { slope, lower, upper } = trendOf(points([0.7, 2.9, 3.1, 5.3, 6.3, 8.5, 8.7, 10.9]));
    expect(slope).toBeCloseTo(1.4, 12);
    expect((lower + upper) / 2).toBeCloseTo(1.4, 12);
    // t(6) = 2.447 times the standard error: sqrt((1.6 / 6) / 42)
    expect(upper - slope).toBeCloseTo(2.447 * Math.sqrt(1.6 / 6 / 42), 3);
  });

  it.each([
    [2, 4.303],
    [3, 3.182],
    [5, 2.571],
    [10, 2.228],
    [30, 2.042],
    [1_000, 1.962],
  ])('uses the quantile of Student’s t distribution with %i degrees of freedom', (freedom, expected) => {
    expect(quantileOfT(freedom) / expected).toBeCloseTo(1, freedom < 3 ? 1 : 2);
  });

  it('is exact for a line, whatever its slope, scale and place', () => {
    const slopes = fc.double({ min: -1e3, max: 1e3, noNaN: true });
    fc.assert(
      fc.property(slopes, slopes, fc.integer({ min: 8, max: 200 }), (slope, offset, count) => {
        const found = trendOf(points(Array.from({ length: count }, (_, x) => offset + slope * x)));
        expect(Math.abs(found.slope - slope)).toBeLessThan(1e-6);
        expect(found.lower <= found.slope && found.slope <= found.upper).toBe(true);
      }),
    );
  });

  it('changes with neither the order of the points, nor a constant, and scales with the unit', () => {
    const values = fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 12, maxLength: 60 });
    fc.assert(
      fc.property(
        values,
        fc.integer({ min: -1_000, max: 1_000 }),
        fc.integer({ min: 2, max: 9 }),
        (ys, more, unit) => {
          const plain = trendOf(points(ys));
          const shifted = trendOf(points(ys.map((y) => y + more)));
          const scaled = trendOf(points(ys.map((y) => y * unit)));
          expect(shifted.slope).toBeCloseTo(plain.slope, 6);
          expect(scaled.slope).toBeCloseTo(plain.slope * unit, 6);
        },
      ),
    );
  });

  it('says nothing of too few points, and nothing of a constant', () => {
    expect(trendOf(points([1, 2, 3]))).toMatchObject({ lower: -Infinity, upper: Infinity });
    expect(trendOf([])).toMatchObject({ slope: 0, lower: -Infinity });
    expect(trendOf(points(Array.from({ length: COUNT }, () => 11.3)))).toEqual({
      slope: 0,
      lower: 0,
      upper: 0,
    });
  });

  it.each([0, 0.5, 0.8])('rarely finds growth in noise with a correlation of %d', (correlation) => {
    const wrong = shareOf(1_000, (seed) => trendOf(points(noise(seed, correlation))).lower > 0);
    // 2.5 % by definition.
    expect(wrong).toBeLessThan(correlation === 0.8 ? 0.05 : 0.04);
  });

  it.each([0, 0.5])(
    'finds a leak of 6 standard deviations in noise with a correlation of %d',
    (correlation) => {
      const found = shareOf(200, (seed) => {
        const leaking = noise(seed, correlation).map((value, index) => value + (6 * index) / COUNT);
        return trendOf(points(leaking)).lower > 0;
      });
      expect(found).toBeGreaterThan(0.95);
    },
  );

  it('finds growth that slows down', () => {
    const slowing = Array.from({ length: COUNT }, (_, index) => 80 + 3 * Math.sqrt(index));
    expect(trendOf(points(slowing)).lower).toBeGreaterThan(0);
  });

  it('does not take the saw-tooth of a garbage collector for growth', () => {
    const saw = Array.from({ length: COUNT }, (_, index) => 60 + 8 * (index % 10));
    expect(trendOf(points(saw)).lower).toBeLessThan(0);
  });
});

describe('windows', () => {
  it('hold the mean of their points, and are left out without any', () => {
    const samples = [1, 2, 3, 10, 11].map((x) => ({ x, y: x * x }));
    expect(windowMeans(samples, 1, 3)).toEqual([
      { x: 2, y: 14 / 3 },
      { x: 10.5, y: 110.5 },
    ]);
  });
});

describe('a series of the soak run', () => {
  it.each(SERIES)('is measured by a metric of the gateway: $title', ({ metric }) => {
    expect(new Metrics().registry.getSingleMetric(metric)).toBeDefined();
  });

  const limits = { floor: 1, share: 0.02 };
  const hour = (values: readonly number[]): Point[] => values.map((y, index) => ({ x: index / COUNT, y }));
  const part = { from: 0, width: 1 / COUNT };

  it('leaks if its growth is certain and relevant', () => {
    const leaking = hour(noise(1, 0.3).map((value, index) => 80 + value + index / 4));
    const course = courseOf('heap', leaking, part);
    expect(course && grows(course, limits)).toBe(true);
    expect(course?.growth).toBeCloseTo(12, -1);
  });

  it('does not leak if its growth is certain but tiny, or if it only varies', () => {
    const tiny = courseOf('heap', hour(Array.from({ length: COUNT }, (_, index) => 80 + index / 100)), part);
    expect(tiny && [tiny.lower > 0, grows(tiny, limits)]).toEqual([true, false]);
    const varying = courseOf('heap', hour(noise(2, 0.3).map((value) => 80 + 5 * value)), part);
    expect(varying && grows(varying, limits)).toBe(false);
  });

  it('does not count what happened during the warm-up', () => {
    const filled = hour(Array.from({ length: COUNT }, (_, index) => Math.min(index, 10)));
    expect(courseOf('heap', filled, { from: 11 / COUNT, width: 1 / COUNT })).toMatchObject({
      start: 10,
      end: 10,
      growth: 0,
    });
  });
});
