import { listed } from '../listed.js';
import { CALLS } from '../../support/openapi-file.js';
import { SCHEMA } from '../fuzz/requests/graphql-document.js';
import type { Options } from './options.js';
import type { Example, Tally } from './tally.js';

/** The results of a run. */
export interface Report extends Omit<Tally, 'findings' | 'trial' | 'sent' | 'found'> {
  readonly seed: number;
  readonly seconds: number;
  readonly broken: string | undefined;
  readonly findings: Readonly<Record<string, Example & { readonly count: number }>>;
  readonly failures: readonly string[];
}

/** Below this number of requests, some operation may be missing by chance. */
const ENOUGH = 2_000;
const MOST_UNDECIDED = 0.02;

export function report({ seed, broken }: Options, tally: Tally, seconds: number): Report {
  const { requests, undecided, ineffective, calls, trials, targets, operations, statuses, findings } = tally;
  const failures = requests < ENOUGH ? [] : notRequested(operations);
  if (undecided > (trials['pair'] ?? 0) * MOST_UNDECIDED)
    failures.push(`${undecided} pairs could not be compared: their responses depended on the moment.`);
  return {
    seed,
    seconds: Math.round(seconds),
    broken,
    requests,
    undecided,
    ineffective,
    calls,
    trials,
    targets,
    operations,
    statuses,
    findings: Object.fromEntries(findings),
    failures,
  };
}

function notRequested(operations: Tally['operations']): string[] {
  const roots = [SCHEMA.getQueryType(), SCHEMA.getMutationType()];
  const expected = [
    ...CALLS.map(({ operationId }) => `REST ${operationId}`),
    ...roots.flatMap((type) => Object.keys(type?.getFields() ?? {}).map((field) => `GraphQL ${field}`)),
  ];
  return expected.filter((one) => !(one in operations)).map((one) => `Never requested: ${one}.`);
}

/** Whether no tenant saw anything of another. */
export function kept({ findings, failures }: Report): boolean {
  return Object.keys(findings).length + failures.length === 0;
}

export function asText(found: Report): string {
  const rows: [string, string | number][] = [
    ['requests', `${found.requests} (${Math.round(found.requests / Math.max(1, found.seconds))}/s)`],
    ['  by status', listed(found.statuses)],
    ['  by operation', listed(found.operations)],
    ['trials', listed(found.trials)],
    ['  by target', listed(found.targets)],
    ['  not comparable', found.undecided],
    ['  name ignored', found.ineffective],
    ['calls to CAMS checked', found.calls],
    ['findings', Object.keys(found.findings).length],
  ];
  const stories = Object.entries(found.findings).map(([kind, { caller, gateway, detail, request, count }]) =>
    [
      `\n${kind}`,
      `  ${count} times, first by ${caller}, gateway "${gateway}"`,
      `  ${detail}`,
      ...(request === undefined ? [] : [`  ${request}`]),
    ].join('\n'),
  );
  const title = `seed ${found.seed}, ${found.seconds} s${found.broken === undefined ? '' : `, without the check ${found.broken}`}`;
  return [
    title,
    ...rows.map(([name, value]) => `${name.padEnd(26)}${value}`),
    ...stories,
    ...found.failures,
  ].join('\n');
}
