import { listed } from '../listed.js';
import type { Judgement } from './judgement.js';
import type { SoakLoad } from './load.js';
import type { Options } from './options.js';
import type { Sampler } from './sampler.js';
import { courseOf, type Course, grows, SERIES } from './series.js';
import type { Fact } from './simulation.js';
import { table } from './table.js';
import { trendOf, windowMeans } from './trend.js';

/** Memory of the state Redis per write: a record of an outcome, an operation and a lock take less. */
const MAX_BYTES_PER_WRITE = 4_096;

const WINDOWS = 12;

interface StateGrowth {
  readonly writes: number;
  readonly bytesPerWrite: number;
  readonly lower: number;
  readonly upper: number;
}

/** The results of a run. */
export interface Report {
  readonly seed: number;
  readonly minutes: number;
  readonly leak: string | undefined;
  readonly requests: number;
  readonly left: number;
  readonly longestMs: number;
  readonly outcomes: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly explained: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
  readonly errorLines: number;
  readonly facts: readonly Fact[];
  readonly courses: Readonly<Record<string, readonly Course[]>>;
  readonly redis: readonly Course[];
  readonly state: StateGrowth;
  /** What was wrong; none in a good run. */
  readonly failures: readonly string[];
  readonly examples: readonly string[];
}

interface Found {
  readonly warmUpHours: number;
  readonly windowHours: number;
  readonly failures: readonly string[];
  readonly facts: readonly Fact[];
  readonly load: SoakLoad;
  readonly judgement: Judgement;
  readonly sampler: Sampler;
  readonly replicas: readonly string[];
}

export function report({ seed, durationMs, leak }: Options, found: Found): Report {
  const { load, judgement, sampler, replicas, facts } = found;
  const part = { from: found.warmUpHours, width: found.windowHours };
  const courses = Object.fromEntries(
    replicas.map((name) => [
      name,
      SERIES.flatMap(({ title }) => courseOf(title, sampler.of(name, title), part) ?? []),
    ]),
  );
  const redis = ['cache Redis', 'state Redis'].flatMap(
    (name) => courseOf(`${name}, KB`, inKb(sampler.of(name, 'memory')), part) ?? [],
  );
  const state = stateGrowth(sampler);
  const faults = judgement.faults.counts;
  return {
    seed,
    minutes: durationMs / 60_000,
    leak,
    requests: load.sent,
    left: load.left,
    longestMs: Math.round(load.longestMs),
    outcomes: judgement.outcomes,
    explained: judgement.explained,
    faults,
    errorLines: judgement.errorLines,
    facts,
    courses,
    redis,
    state,
    failures: [
      ...found.failures,
      ...Object.entries(judgement.unexplained).map(
        ([what, count]) => `not explained by a fault: ${what}, ${count} times`,
      ),
      ...Object.entries(faults).flatMap(([name, count]) =>
        count === 0 ? `a fault that never occurred: ${name}` : [],
      ),
      ...facts.flatMap(({ replica, heldCalls }) =>
        heldCalls === 0 ? [] : `${replica} holds ${heldCalls} calls to CAMS after the end of the load`,
      ),
      ...facts.flatMap(({ replica, reloads }) =>
        reloads > 0 ? [] : `${replica} did not reload the tenants file`,
      ),
      // A run that ended early has too few samples.
      ...(found.failures.length > 0 ? [] : replicas.flatMap((name) => growing(name, courses[name] ?? []))),
      ...(state.lower > MAX_BYTES_PER_WRITE
        ? [
            `state Redis keeps ${state.bytesPerWrite.toFixed(0)} bytes per write, the maximum is ${MAX_BYTES_PER_WRITE}`,
          ]
        : []),
    ],
    examples: judgement.examples,
  };
}

/** Whether everything held. */
export function kept({ failures }: Report): boolean {
  return failures.length === 0;
}

function growing(replica: string, courses: readonly Course[]): string[] {
  const failures: string[] = [];
  for (const kind of SERIES) {
    const course = courses.find(({ title }) => title === kind.title);
    if (course === undefined) failures.push(`${replica} has no samples of ${kind.title}`);
    else if (grows(course, kind))
      failures.push(
        `${replica} leaks: ${kind.title} grew by ${course.growth.toFixed(1)} in the measured part`,
      );
  }
  return failures;
}

/** From the first write on: records stay, so their memory has no warm-up. */
function stateGrowth(sampler: Sampler): StateGrowth {
  const points = sampler.of('state Redis', 'memory by writes');
  const writes = points.at(-1)?.x ?? 0;
  const { slope, lower, upper } = trendOf(windowMeans(points, 0, Math.max(1, writes / WINDOWS)));
  return { writes, bytesPerWrite: slope, lower, upper };
}

function inKb(points: ReturnType<Sampler['of']>): ReturnType<Sampler['of']> {
  return points.map(({ x, y }) => ({ x, y: y / 1_024 }));
}

export function asText(found: Report): string {
  const rows: [string, string | number][] = [
    ['requests', found.requests],
    ...Object.entries(found.outcomes)
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(([kind, counts]): [string, string] => [`  ${kind}`, listed(counts)]),
    ['  clients that left', found.left],
    ['  explained by faults', listed(found.explained)],
    ['longest response, ms', found.longestMs],
    ['faults', ''],
    ...Object.entries(found.faults).map(([name, count]): [string, number] => [`  ${name}`, count]),
    ['lines of level error', found.errorLines],
    ...found.facts.map(({ replica, reloads }): [string, string] => [
      replica,
      `${reloads} reloads of the tenants file`,
    ]),
  ];
  const { writes, bytesPerWrite, lower, upper } = found.state;
  return [
    `seed ${found.seed}, ${found.minutes} min${found.leak === undefined ? '' : `, leaking ${found.leak}`}`,
    ...rows.map(([name, value]) => `${name.padEnd(52)}${value}`),
    ...Object.entries(found.courses).flatMap(([name, courses]) => ['', ...table(name, courses)]),
    '',
    ...table('Redis', found.redis),
    '',
    `state Redis: ${bytesPerWrite.toFixed(0)} bytes per write (${lower.toFixed(0)} to ${upper.toFixed(0)}) over ${writes} writes, kept for 24 h`,
    ...found.examples,
    // The verdict comes last, where terminals show it.
    ...found.failures.map((what) => `failed: ${what}`),
    ...(kept(found) ? ['No leak, and no response or log line that the faults do not explain.'] : []),
  ].join('\n');
}
