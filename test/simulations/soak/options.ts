import { parseArgs } from 'node:util';
import { LEAKS } from './broken-steps.js';

export interface Options {
  readonly durationMs: number;
  readonly seed: number;
  /** Requests per second. */
  readonly rate: number;
  /** What the gateways shall leak. */
  readonly leak: string | undefined;
  /** The file for the results as JSON. */
  readonly json: string | undefined;
}

export const USAGE = `npm run soak -- [--minutes 60] [--seed 1] [--rate 40] [--json FILE] [--leak WHAT]
Two gateways serve mixed load under repeated faults. The first fifth, at least a minute, is the warm-up.
Fails if a gateway's memory, handles, descriptors or event-loop lag certainly grow by more than test/simulations/soak/series.ts allows,
if the faults do not explain a response or an error line of the log, or if a gateway ends.
WHAT makes the gateways leak, to show that the run detects it:
${Object.entries(LEAKS)
  .map(([name, { what }]) => `  ${name.padEnd(12)} ${what}`)
  .join('\n')}
`;

/** For a warm-up, and a round of all faults. */
const LEAST_MINUTES = 3;

/** Parses the command line. Throws an error that says what is wrong with it. */
export function readOptions(args: readonly string[]): Options {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { minutes: text, seed: text, rate: text, leak: text, json: text },
  });
  const { leak } = values;
  if (leak !== undefined && !(leak in LEAKS)) throw new Error(`Unknown leak: ${leak}.`);
  return {
    durationMs: number('minutes', values.minutes, 60, LEAST_MINUTES) * 60_000,
    seed: number('seed', values.seed, 1, 1),
    rate: number('rate', values.rate, 40, 1),
    leak,
    json: values.json,
  };
}

function number(name: string, text: string | undefined, otherwise: number, least: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (value >= least) return value;
  throw new Error(`--${name} must be a number of at least ${least}.`);
}
