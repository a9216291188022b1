import { median } from './quantile.js';

/** How far a few numbers lie apart. */
export interface Spread {
  readonly count: number;
  readonly min: number;
  readonly lowerQuartile: number;
  readonly median: number;
  readonly upperQuartile: number;
  readonly max: number;
}

/** The spread of numbers, with interpolated quartiles. Throws if there are none. */
export function spreadOf(numbers: readonly number[]): Spread {
  const sorted = numbers.toSorted((a, b) => a - b);
  return {
    count: sorted.length,
    min: interpolated(sorted, 0),
    lowerQuartile: interpolated(sorted, 0.25),
    median: median(sorted),
    upperQuartile: interpolated(sorted, 0.75),
    max: interpolated(sorted, 1),
  };
}

function interpolated(sorted: readonly number[], share: number): number {
  const position = share * (sorted.length - 1);
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) throw new Error('Nothing was measured.');
  return below + (above - below) * (position % 1);
}
