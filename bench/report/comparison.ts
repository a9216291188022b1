import type { RoundFigures, Row } from '../run/rounds.js';
import { type Spread, spreadOf } from '../statistics/spread.js';
import type { Loss } from './baseline.js';

/** With fewer rounds, the quartiles say nothing about the spread. */
const MIN_ROUNDS = 4;

/** This gateway ÷ the other build, within each round. */
export interface Comparison {
  /** Starts with the name of the workload. */
  readonly name: string;
  readonly title: string;
  readonly better: 'higher' | 'lower';
  readonly ratio: Spread;
}

/** `within spread`: the rounds do not show a difference. */
export type Verdict = 'better' | 'worse' | 'within spread' | 'too few rounds';

/** Compares two builds, given what both measured in each round. */
export function compare(
  of: Omit<Comparison, 'ratio'>,
  gateway: readonly number[],
  against: readonly number[],
): Comparison {
  return { ...of, ratio: spreadOf(gateway.map((value, round) => value / (against[round] ?? NaN))) };
}

/** Compares requests/s and CPU time of each workload that measured both builds. */
export function comparisonsOf(rows: readonly Row[]): Comparison[] {
  return rows
    .filter(({ server }) => server === 'against')
    .flatMap(({ workload, title, rounds }) => {
      const gateway = rows.find((row) => row.workload === workload && row.server === 'gateway');
      if (gateway === undefined) return [];
      const compared = (figure: keyof RoundFigures, of: Omit<Comparison, 'ratio'>): Comparison =>
        compare(
          of,
          gateway.rounds.map((round) => round[figure]),
          rounds.map((round) => round[figure]),
        );
      return [
        compared('perSecond', {
          name: `${workload}/requests`,
          title: `${title}: requests/s`,
          better: 'higher',
        }),
        compared('cpuMsPer1000', { name: `${workload}/cpu`, title: `${title}: CPU time`, better: 'lower' }),
      ];
    });
}

/** A difference counts only if the median and both quartiles lie on the same side of 1. */
export function verdictOf({ better, ratio }: Comparison): Verdict {
  const { count, lowerQuartile, upperQuartile } = ratio;
  if (count < MIN_ROUNDS) return 'too few rounds';
  if (lowerQuartile > 1) return better === 'higher' ? 'better' : 'worse';
  if (upperQuartile < 1) return better === 'higher' ? 'worse' : 'better';
  return 'within spread';
}

/** The figures in which this gateway is worse than the other build. */
export function worseThanAgainst(comparisons: readonly Comparison[]): Loss[] {
  return comparisons
    .filter((comparison) => verdictOf(comparison) === 'worse')
    .map(({ name, ratio: { median, lowerQuartile, upperQuartile } }) => ({
      name,
      text: `${name}: ${median.toFixed(3)} × of the other build, quartiles ${lowerQuartile.toFixed(3)}–${upperQuartile.toFixed(3)}`,
    }));
}
