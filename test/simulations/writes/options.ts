import { parseArgs } from 'node:util';
import { STEPS } from './broken-steps.js';

export interface Options {
  readonly count: number;
  readonly replicas: number;
  readonly seed: number;
  /** The protocol step to disable. */
  readonly broken: string | undefined;
  /** The file for the results as JSON. */
  readonly json: string | undefined;
}

export const USAGE = `npm run test:writes -- [--count 10000] [--replicas 3] [--seed 1] [--json FILE] [--break STEP]
STEP disables a part of the protocol, to show that the run detects it:
${Object.entries(STEPS)
  .map(([name, { what }]) => `  ${name.padEnd(12)} ${what}`)
  .join('\n')}
`;

/** Parses the command line. Throws an error that says what is wrong with it. */
export function readOptions(args: readonly string[]): Options {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { count: text, replicas: text, seed: text, json: text, break: text },
  });
  const broken = values.break;
  if (broken !== undefined && !(broken in STEPS)) throw new Error(`Unknown step: ${broken}.`);
  return {
    count: number('count', values.count, 10_000, 1),
    // One is frozen, one is killed, and one keeps running.
    replicas: number('replicas', values.replicas, 3, 3),
    seed: number('seed', values.seed, 1, 1),
    broken,
    json: values.json,
  };
}

function number(name: string, text: string | undefined, otherwise: number, least: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw new Error(`--${name} must be a whole number of at least ${least}.`);
}
