import { parseArgs } from 'node:util';
import { STEPS } from './broken-steps.js';

export interface Options {
  /** How many requests to send. */
  readonly requests: number;
  readonly seed: number;
  /** The check to disable. */
  readonly broken: string | undefined;
  /** The file for the results as JSON. */
  readonly json: string | undefined;
}

export const USAGE = `npm run test:isolation -- [--requests 100000] [--seed 1] [--json FILE] [--break STEP]
STEP disables a check, to show that the run detects it:
${Object.entries(STEPS)
  .map(([name, { what }]) => `  ${name.padEnd(12)} ${what}`)
  .join('\n')}
`;

/** Parses the command line. Throws an error that says what is wrong with it. */
export function readOptions(args: readonly string[]): Options {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { requests: text, seed: text, json: text, break: text },
  });
  const broken = values.break;
  if (broken !== undefined && !(broken in STEPS)) throw new Error(`Unknown step: ${broken}.`);
  return {
    requests: number('requests', values.requests, 100_000),
    seed: number('seed', values.seed, 1),
    broken,
    json: values.json,
  };
}

function number(name: string, text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`--${name} must be a whole number of at least 1.`);
}
