import { availableParallelism, cpus, totalmem } from 'node:os';
import type { Effort, Row } from '../run/rounds.js';
import type { Comparison } from './comparison.js';
import type { Figure } from './figure.js';

/** Everything that one run measured. */
export interface Results {
  readonly at: string;
  readonly machine: Machine;
  /** The share of CPU time that other processes used. */
  readonly others: number;
  readonly effort: Effort;
  readonly rows: readonly Row[];
  readonly figures: readonly Figure[];
  /** With the other build; empty without `--against`. */
  readonly comparisons: readonly Comparison[];
}

export interface Machine {
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
}

const BYTES_PER_GB = 2 ** 30;

/** Describes the machine. */
export function thisMachine(): Machine {
  return {
    node: process.version,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / BYTES_PER_GB),
  };
}
