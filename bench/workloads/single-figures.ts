import type { Comparison } from '../report/comparison.js';
import type { Figure } from '../report/figure.js';

/** Results of measurements without rounds of load on several servers. */
export interface SingleFigures {
  readonly figures: readonly Figure[];
  /** With the other build, if there is one and it was measured. */
  readonly comparisons?: readonly Comparison[];
}

/** Reverses the order every other time, so that a machine that slows down steadily favours neither server. */
export function inAlternation<T>(items: readonly T[], round: number): readonly T[] {
  return round % 2 === 0 ? items.toReversed() : items;
}
