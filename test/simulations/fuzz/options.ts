import { parseArgs } from 'node:util';

export interface Options {
  readonly durationMs: number;
  readonly seed: number;
  /** Concurrent clients. */
  readonly clients: number;
  /** The file for the results as JSON. */
  readonly json: string | undefined;
}

export const USAGE =
  'npm run fuzz -- [--minutes 10 | --seconds 30] [--seed 1] [--clients 32] [--json FILE]\n';

/** Parses the command line. Throws an error that says what is wrong with it. */
export function readOptions(args: readonly string[]): Options {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { minutes: text, seconds: text, seed: text, clients: text, json: text },
  });
  const seconds = values.seconds === undefined ? number('minutes', values.minutes, 10) * 60 : undefined;
  return {
    durationMs: (seconds ?? number('seconds', values.seconds, 0)) * 1_000,
    seed: number('seed', values.seed, 1),
    clients: number('clients', values.clients, 32),
    json: values.json,
  };
}

function number(name: string, text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (value > 0) return value;
  throw new Error(`--${name} must be a number above zero.`);
}
