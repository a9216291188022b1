import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import type { Effort, Row } from '../run/rounds.js';
import type { Figure } from './figure.js';

/** All that one run found. */
export interface Results {
  readonly at: string;
  readonly machine: Machine;
  readonly effort: Effort;
  readonly rows: readonly Row[];
  readonly figures: readonly Figure[];
}

export interface Machine {
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  /** Of the kernel. */
  readonly load: string;
}

const BYTES_PER_GB = 2 ** 30;

/** Where it is measured, and how much others had to do there at the beginning. */
export function thisMachine(): Machine {
  return {
    node: process.version,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / BYTES_PER_GB),
    load: readFileSync('/proc/loadavg', 'latin1').split(' ').slice(0, 3).join(' '),
  };
}
