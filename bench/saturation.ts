import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { wholeNumber } from './options.js';
import { EXIT_FAILED, withRun } from './run/with-run.js';
import { shareOfOthers, ticksNow } from './statistics/machine-use.js';
import { quantile } from './statistics/quantile.js';
import {
  cachedSaturation,
  type OverloadRound,
  type Saturation,
  uncachedSaturation,
} from './workloads/saturation.js';

const FACTOR = 2;
const MEASURES = { uncached: uncachedSaturation, cached: cachedSaturation };
const USAGE = `npm run bench:saturation -- [--only ${Object.keys(MEASURES).join('|')}] [--seconds 10] [--connections 64] [--json FILE]
`;

function readOptions() {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { only: text, seconds: text, connections: text, json: text } });
  const measures = Object.entries(MEASURES).filter(([name]) => name === (values.only ?? name));
  if (measures.length === 0) throw new Error(`Unknown measurement: ${values.only}.`);
  return {
    measures: measures.map(([, measure]) => measure),
    seconds: wholeNumber('seconds', values.seconds, 10, 600),
    connections: wholeNumber('connections', values.connections, 64, 256),
    json: values.json,
  };
}

function told({ title, rounds, recoveryMs }: Saturation): string {
  const of = (figure: (round: OverloadRound) => number): number[] =>
    rounds.map(figure).toSorted((a, b) => a - b);
  const sum = (figure: (round: OverloadRound) => number): number =>
    rounds.reduce((total, round) => total + figure(round), 0);
  const spread = (values: readonly number[], unit: string, digits = 0): string => {
    const [low, middle, high] = [0, 0.5, 1].map((share) => quantile(values, share).toFixed(digits));
    return `${middle} ${unit} (${low} to ${high})`;
  };
  const times = (kind: 'good' | 'refused'): string =>
    rounds.some(({ overload }) => overload[kind].count === 0)
      ? ''
      : `, p50 ${spread(
          of(({ overload }) => overload[kind].p50 ?? 0),
          'ms',
          1,
        )}, p99 ${spread(
          of(({ overload }) => overload[kind].p99 ?? 0),
          'ms',
          1,
        )}`;
  const offered = sum(({ overload }) => overload.offered);
  const refused = sum(({ overload }) => overload.refused.count);
  const turnedAway = sum(({ overload }) => overload.turnedAway);
  const failures = rounds.flatMap(({ overload }) => Object.entries(overload.failed));
  return [
    `${title}, ${rounds.length} rounds: median (lowest to highest)`,
    `  peak            ${spread(
      of(({ peak }) => peak),
      'requests per second',
    )}`,
    `  offered         ${spread(
      of(({ peak, overload }) => overload.offered / overload.seconds / peak),
      '× the peak',
      2,
    )}`,
    `  goodput         ${spread(
      of(({ goodputShare }) => goodputShare * 100),
      '% of the peak',
      1,
    )}${times('good')}`,
    `  refused         ${((refused / offered) * 100).toFixed(1)} % with 429 or 503${times('refused')}`,
    `  turned away     ${((turnedAway / offered) * 100).toFixed(1)} % beyond MAX_CONNECTIONS`,
    `  failed          ${failures.map(([what, count]) => `${what} ${count}`).join(', ') || 'none'}`,
    `  recovered after ${Math.round(recoveryMs)} ms`,
    '',
  ].join('\n');
}

try {
  const { measures, json, ...effort } = readOptions();
  const results: Saturation[] = [];
  const before = ticksNow();
  await withRun(async (run) => {
    for (const measure of measures) {
      const result = await measure(run, { ...effort, factor: FACTOR });
      results.push(result);
      process.stdout.write(told(result));
    }
  });
  process.stdout.write(
    `CPU time of other processes: ${(shareOfOthers(before, ticksNow()) * 100).toFixed(0)} %\n`,
  );
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n${USAGE}`);
  process.exitCode = EXIT_FAILED;
}
