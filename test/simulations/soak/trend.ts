/** One observation. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** How much y grows per unit of x, with its 95 % confidence interval, which is unbounded if there is too little to go by. */
export interface Trend {
  readonly slope: number;
  readonly lower: number;
  readonly upper: number;
}

/**
 * Growth that slows down or speeds up leaves residuals of a smooth curve, which correlate so much that hardly any would count as
 * independent, however clear the growth is. So this many count at least.
 */
const LEAST_INDEPENDENT = 4;

/**
 * The slope of the least squares line. Samples of a process resemble the samples before them, so they say less than
 * their number suggests: the interval counts only as many as are independent of each other, as estimated from the
 * correlation of neighbouring residuals. This is the usual method for trends of climate series (Santer et al. 2000,
 * doi:10.1029/1999JD901105). It was chosen over Theil–Sen with a block bootstrap because a short run has too few blocks to draw
 * from; outliers are averaged out by windows before.
 */
export function trendOf(points: readonly Point[]): Trend {
  const count = points.length;
  const meanX = mean(points.map(({ x }) => x));
  const meanY = mean(points.map(({ y }) => y));
  const squares = sum(points.map(({ x }) => (x - meanX) ** 2));
  if (squares === 0) return { slope: 0, lower: -Infinity, upper: Infinity };
  const slope = sum(points.map(({ x, y }) => (x - meanX) * (y - meanY))) / squares;
  // Differences of this size come from rounding.
  const tiny = Math.max(...points.map(({ y }) => Math.abs(y))) * count * Number.EPSILON;
  const residuals = points.map(({ x, y }) => rounded(y - meanY - slope * (x - meanX), tiny));
  const freedom = independent(residuals) - 2;
  if (freedom < LEAST_INDEPENDENT - 2) return { slope, lower: -Infinity, upper: Infinity };
  const variance = sum(residuals.map((residual) => residual ** 2)) / freedom;
  const half = quantileOfT(freedom) * Math.sqrt(variance / squares);
  return { slope, lower: slope - half, upper: slope + half };
}

function rounded(value: number, tiny: number): number {
  return Math.abs(value) <= tiny ? 0 : value;
}

/** How many independent samples are worth as much as these, if each depends on the one before (AR(1)). */
function independent(residuals: readonly number[]): number {
  const { length: count } = residuals;
  const total = sum(residuals.map((residual) => residual ** 2));
  if (total === 0) return count;
  const raw = sum(residuals.slice(1).map((residual, index) => residual * (residuals[index] ?? 0))) / total;
  // The correlation of a few residuals of a fitted line is too low on average (Kendall 1954).
  const correlation = Math.max(0, raw + (2 + 4 * raw) / count);
  const worth = (count * Math.max(0, 1 - correlation)) / (1 + correlation);
  return Math.min(count, Math.max(LEAST_INDEPENDENT, worth));
}

const Z = 1.959_963_985;

/** The 97.5 % quantile of Student's t distribution. Source: Abramowitz and Stegun, 26.7.5; exact to 4 % from 2 degrees of freedom on. */
export function quantileOfT(freedom: number): number {
  return (
    Z +
    (Z ** 3 + Z) / (4 * freedom) +
    (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / (96 * freedom ** 2) +
    (3 * Z ** 7 + 19 * Z ** 5 + 17 * Z ** 3 - 15 * Z) / (384 * freedom ** 3) +
    (79 * Z ** 9 + 776 * Z ** 7 + 1_482 * Z ** 5 - 1_920 * Z ** 3 - 945 * Z) / (92_160 * freedom ** 4)
  );
}

/** The means of the points within each window of this width in x, counted from `from`. Windows without a point are left out. */
export function windowMeans(points: readonly Point[], from: number, width: number): Point[] {
  const windows = new Map<number, Point[]>();
  for (const point of points) {
    const index = Math.floor((point.x - from) / width);
    const window = windows.get(index);
    if (window === undefined) windows.set(index, [point]);
    else window.push(point);
  }
  return [...windows.values()].map((window) => ({
    x: mean(window.map(({ x }) => x)),
    y: mean(window.map(({ y }) => y)),
  }));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function mean(numbers: readonly number[]): number {
  return numbers.length === 0 ? 0 : sum(numbers) / numbers.length;
}
