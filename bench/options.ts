import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Effort } from './run/rounds.js';
import { SERVER_NAMES, type ServerName } from './servers/server.js';

export interface Options extends Effort {
  /** Names of workloads; `undefined` for all. */
  readonly only: readonly string[] | undefined;
  /** Servers to measure; `undefined` for all. */
  readonly servers: readonly ServerName[] | undefined;
  /** The folder of another built gateway to compare with. */
  readonly against: string | undefined;
  /** The folder for profiles, which are taken instead of measurements. */
  readonly profile: string | undefined;
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
      servers: text,
      against: text,
      profile: text,
      json: text,
      markdown: text,
      check: flag,
      save: flag,
    },
  });
  const { check, save, profile, json, markdown } = values;
  const against = values.against === undefined ? undefined : resolve(values.against);
  const modes = [check, save, against !== undefined, profile !== undefined].filter(Boolean);
  if (modes.length > 1) throw new Error('--check, --save, --against and --profile cannot be combined.');
  const effort = check ? CHECK : FULL;
  return {
    rounds: wholeNumber('rounds', values.rounds, effort.rounds, 99),
    seconds: wholeNumber('seconds', values.seconds, effort.seconds, 600),
    connections: wholeNumber('connections', values.connections, 32, 256),
    only: readNames('workload', values.only, workloads),
    servers: readNames('server', values.servers, SERVER_NAMES),
    against,
    profile,
    json,
    markdown,
    check,
    save,
  };
}

/** Parses a list of names. Throws if one of them is unknown. */
function readNames<T extends string>(
  kind: string,
  text: string | undefined,
  known: readonly T[],
): T[] | undefined {
  return text?.split(',').map((name) => {
    const found = known.find((one) => one === name);
    if (found === undefined) throw new Error(`Unknown ${kind}: ${name}.`);
    return found;
  });
}

/** Parses a whole number of at least 1. Throws if it is not one. */
export function wholeNumber(name: string, text: string | undefined, fallback: number, max: number): number {
  const value = text === undefined ? fallback : Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new Error(`--${name} must be a whole number from 1 to ${max}.`);
}

export function usage(workloads: readonly string[]): string {
  return `npm run bench -- [--rounds ${FULL.rounds}] [--seconds ${FULL.seconds}] [--connections 32] [--only WORKLOAD,…] [--servers SERVER,…] [--json FILE] [--markdown FILE] [--check | --save | --against FOLDER | --profile FOLDER]
WORKLOAD: ${workloads.join(', ')}
SERVER: ${SERVER_NAMES.join(', ')}
`;
}
