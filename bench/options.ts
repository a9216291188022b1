import { parseArgs } from 'node:util';
import type { Effort } from './run/rounds.js';

export interface Options extends Effort {
  /** Names of workloads; `undefined` for all. */
  readonly only: readonly string[] | undefined;
  readonly json: string | undefined;
  readonly markdown: string | undefined;
  /** Compares the ratios with the baseline. */
  readonly check: boolean;
  readonly save: boolean;
}

/** A check must finish within minutes. */
const CHECK = { rounds: 5, seconds: 2 };
const FULL = { rounds: 8, seconds: 3 };

/** Parses the command line. Throws an error that says what is wrong with it. */
export function readOptions(args: readonly string[], workloads: readonly string[]): Options {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: text,
      seconds: text,
      connections: text,
      only: text,
      json: text,
      markdown: text,
      check: flag,
      save: flag,
    },
  });
  const { check, save, json, markdown } = values;
  const only = values.only?.split(',');
  const unknown = only?.find((name) => !workloads.includes(name));
  if (unknown !== undefined) throw new Error(`Unknown workload: ${unknown}.`);
  if (check && save) throw new Error('--check and --save cannot be combined.');
  const effort = check ? CHECK : FULL;
  return {
    rounds: wholeNumber('rounds', values.rounds, effort.rounds, 99),
    seconds: wholeNumber('seconds', values.seconds, effort.seconds, 600),
    connections: wholeNumber('connections', values.connections, 32, 256),
    only,
    json,
    markdown,
    check,
    save,
  };
}

/** Parses a whole number of at least 1. Throws if it is not one. */
export function wholeNumber(name: string, text: string | undefined, fallback: number, max: number): number {
  const value = text === undefined ? fallback : Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new Error(`--${name} must be a whole number from 1 to ${max}.`);
}

export function usage(workloads: readonly string[]): string {
  return `npm run bench -- [--rounds ${FULL.rounds}] [--seconds ${FULL.seconds}] [--connections 32] [--only WORKLOAD,…] [--json FILE] [--markdown FILE] [--check | --save]
WORKLOAD: ${workloads.join(', ')}
`;
}
