import { type Point, type Trend, trendOf, windowMeans } from './trend.js';

/** A figure of a gateway that must not grow for ever. */
export interface SeriesKind {
  readonly title: string;
  /** Its name in /metrics; all of its series are added up. */
  readonly metric: string;
  readonly factor: number;
  /** Sampled only after all garbage was collected. */
  readonly isCollected?: boolean;
  /** Take away the same figure of the process of the run, which a busy machine delays as well. */
  readonly beyond?: 'mean' | 'p99';
  /** Growth during the measured part that is relevant: more than this, and more than this share of the start. */
  readonly floor: number;
  readonly share: number;
}

const MB = 1 / 1_048_576;
const MS = 1_000;
const LAG_MEAN = 'nodejs_eventloop_lag_mean_seconds';
const LAG_P99 = 'nodejs_eventloop_lag_p99_seconds';

export const SERIES: readonly SeriesKind[] = [
  { title: 'RSS, MB', metric: 'process_resident_memory_bytes', factor: MB, floor: 8, share: 0.05 },
  {
    title: 'heap in use, MB',
    metric: 'nodejs_heap_size_used_bytes',
    factor: MB,
    isCollected: true,
    floor: 4,
    share: 0.05,
  },
  { title: 'active handles', metric: 'nodejs_active_handles', factor: 1, floor: 8, share: 0.1 },
  { title: 'active requests', metric: 'nodejs_active_requests', factor: 1, floor: 8, share: 0.1 },
  { title: 'active resources', metric: 'nodejs_active_resources', factor: 1, floor: 8, share: 0.1 },
  { title: 'open descriptors', metric: 'process_open_fds', factor: 1, floor: 8, share: 0.1 },
  // For information: other programs of the machine delay it, too.
  { title: 'lag, mean, ms', metric: LAG_MEAN, factor: MS, floor: Infinity, share: 0 },
  { title: 'lag, p99, ms', metric: LAG_P99, factor: MS, floor: Infinity, share: 0 },
  { title: 'extra lag, mean, ms', metric: LAG_MEAN, factor: MS, beyond: 'mean', floor: 2, share: 0.1 },
  { title: 'extra lag, p99, ms', metric: LAG_P99, factor: MS, beyond: 'p99', floor: 20, share: 0.3 },
];

/** What a series did in the measured part. Rates are per hour. */
export interface Course extends Trend {
  readonly title: string;
  readonly start: number;
  readonly end: number;
  readonly min: number;
  readonly max: number;
  /** How much it grew according to its trend, whether that is certain or not. */
  readonly growth: number;
  readonly windows: readonly Point[];
}

/** Describes the samples of one series; x in hours. `undefined` if there are none. */
export function courseOf(
  title: string,
  samples: readonly Point[],
  { from, width }: { readonly from: number; readonly width: number },
): Course | undefined {
  const measured = samples.filter(({ x }) => x >= from);
  const windows = windowMeans(measured, from, width);
  const [first, last] = [windows[0], windows.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const values = measured.map(({ y }) => y);
  const trend = trendOf(windows);
  return {
    title,
    start: first.y,
    end: last.y,
    min: Math.min(...values),
    max: Math.max(...values),
    growth: trend.slope * (last.x - first.x),
    windows,
    ...trend,
  };
}

/** Whether the series grows: certainly, and by so much that it matters. */
export function grows(
  { lower, growth, start }: Pick<Course, 'lower' | 'growth' | 'start'>,
  { floor, share }: Pick<SeriesKind, 'floor' | 'share'>,
): boolean {
  return lower > 0 && growth > floor && growth > Math.abs(start) * share;
}
