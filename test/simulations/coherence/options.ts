import { parseArgs } from 'node:util';
import { STEPS } from './broken-steps.js';

export interface Options {
  readonly durationMs: number;
  readonly replicas: number;
  readonly seed: number;
  readonly readers: number;
  /** `COHERENCE` of every replica. */
  readonly coherence: 'available' | 'strict';
  /** The protocol step to disable. */
  readonly broken: string | undefined;
  /** The file for the results as JSON. */
  readonly json: string | undefined;
}

export const USAGE = `npm run test:coherence -- [--minutes 5 | --seconds 30] [--replicas 3] [--seed 1] [--readers 40] [--coherence available|strict] [--json FILE] [--break STEP]
STEP disables a part of the protocol, to show that the run detects it:
${Object.entries(STEPS)
  .map(
    ([name, { what, caughtByRun }]) =>
      `  ${name.padEnd(16)} ${what}${caughtByRun ? '' : ' (detected by the model, rarely by a run)'}`,
  )
  .join('\n')}
`;

/** Parses the command line. Throws an error that says what is wrong with it. */
export function readOptions(args: readonly string[]): Options {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: text,
      seconds: text,
      replicas: text,
      seed: text,
      readers: text,
      coherence: text,
      json: text,
      break: text,
    },
  });
  const seconds = values.seconds === undefined ? number('minutes', values.minutes, 5) * 60 : undefined;
  const { break: broken, coherence = 'available' } = values;
  if (broken !== undefined && !(broken in STEPS)) throw new Error(`Unknown step: ${broken}.`);
  if (coherence !== 'available' && coherence !== 'strict')
    throw new Error('--coherence must be available or strict.');
  return {
    durationMs: (seconds ?? number('seconds', values.seconds, 0)) * 1_000,
    replicas: number('replicas', values.replicas, 3),
    seed: number('seed', values.seed, 1),
    readers: number('readers', values.readers, 40),
    coherence,
    broken,
    json: values.json,
  };
}

function number(name: string, text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (value > 0) return value;
  throw new Error(`--${name} must be a number above zero.`);
}
