import { listed } from '../listed.js';
import { CALLS } from '../../support/openapi-file.js';
import type { Finding } from './checks/findings.js';
import type { Options } from './options.js';
import { SCHEMA } from './requests/graphql-document.js';
import type { Tally } from './tally.js';
import { asCurl } from './wire/wire-request.js';

/** The results of a run. */
export interface Report extends Pick<
  Tally,
  'requests' | 'operations' | 'transports' | 'outcomes' | 'spoilt' | 'witnessReads' | 'lists'
> {
  readonly seed: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly logLines: number;
  readonly upstreamCalls: number;
  readonly findings: readonly ReportedFinding[];
  /** Operations that were never requested. */
  readonly failures: readonly string[];
}

interface ReportedFinding extends Omit<Finding, 'request'> {
  readonly request: string | undefined;
}

/** Below this number of requests, some operation may be missing by chance. */
const ENOUGH = 2_000;

export function report(
  { seed }: Options,
  tally: Tally,
  found: {
    readonly seconds: number;
    readonly logLines: number;
    readonly upstreamCalls: number;
    readonly findings: readonly Finding[];
  },
): Report {
  const { requests, operations, transports, outcomes, spoilt, witnessReads, lists } = tally;
  return {
    seed,
    seconds: Math.round(found.seconds),
    requests,
    perSecond: Math.round(requests / found.seconds),
    transports,
    operations,
    outcomes,
    spoilt,
    witnessReads,
    lists,
    logLines: found.logLines,
    upstreamCalls: found.upstreamCalls,
    findings: found.findings
      .toSorted((a, b) => a.property.localeCompare(b.property) || b.count - a.count)
      .map(({ request, ...finding }) => ({ ...finding, request: request && asCurl(request.wire) })),
    failures: requests < ENOUGH ? [] : notRequested(operations),
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

/** Whether every property held. */
export function kept({ findings, failures }: Report): boolean {
  return findings.length + failures.length === 0;
}

export function asText(found: Report): string {
  const rows: [string, string | number][] = [
    ['requests', `${found.requests} (${found.perSecond}/s)`],
    ['  by transport', listed(found.transports)],
    ['  by status', listed(found.outcomes)],
    ...Object.entries(found.operations)
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(([name, count]): [string, number] => [`  ${name}`, count]),
    ['calls to CAMS', found.upstreamCalls],
    ['  responses spoilt', listed(found.spoilt)],
    ['log lines checked', found.logLines],
    ['lists compared with CAMS', `${found.witnessReads} during phases, ${found.lists} after them`],
    ['findings', found.findings.length],
  ];
  const stories = found.findings.map(
    ({ property, kind, count, phase, gateway, detail, request, repeatable }) =>
      [
        `\n${property}: ${kind}`,
        `  ${count} times, first in the phase "${phase}", gateway "${gateway}"${repeatable ? ', repeatable' : ''}`,
        `  ${detail.replaceAll('\n', '\n  ')}`,
        ...(request === undefined ? [] : [`  ${request}`]),
      ].join('\n'),
  );
  return [
    `seed ${found.seed}, ${found.seconds} s`,
    ...rows.map(([name, value]) => `${name.padEnd(42)}${value}`),
    ...stories,
    ...found.failures,
  ].join('\n');
}
