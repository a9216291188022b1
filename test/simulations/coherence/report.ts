import type { FaultLog } from './fault-log.js';
import type { Findings, Violation } from './findings.js';
import type { ListsUnderWay } from './lists-under-way.js';
import type { Options } from './options.js';
import { type Outcome, READ_KINDS, type Tally, WRITE_KINDS } from './tally.js';

/** The results of a run. */
export interface Report {
  readonly seed: number;
  readonly replicas: number;
  readonly seconds: number;
  readonly coherence: Options['coherence'];
  readonly broken: string | undefined;
  readonly reads: number;
  readonly readsByKind: Tally['reads'];
  readonly hits: number;
  readonly hitShare: number;
  readonly ways: Tally['ways'];
  readonly failedReads: Readonly<Record<string, number>>;
  readonly hitsByFault: Readonly<Record<string, number>>;
  readonly readsSoonAfterCoherent: number;
  readonly writes: Readonly<Record<Outcome, number>>;
  readonly writesByKind: Tally['writes'];
  readonly faults: number;
  readonly faultsByKind: Readonly<Record<string, number>>;
  readonly stale: number;
  readonly lost: number;
  readonly phantoms: number;
  readonly missing: number;
  /** Writes that were sent to CAMS twice, or although the gateway reported that it sent nothing. */
  readonly unwanted: number;
  readonly mostListsOfPage: number;
  readonly mostListsOfPageByReplica: number;
  readonly longestReadMs: number;
  readonly longestWriteMs: number;
  /** Processes that exited, replicas that did not return to their cache, and kinds that did not occur. */
  readonly failures: readonly string[];
  readonly examples: readonly Violation[];
}

interface Found {
  readonly seconds: number;
  readonly tally: Tally;
  readonly findings: Findings;
  readonly faults: FaultLog;
  readonly lists: ListsUnderWay;
  readonly failures: readonly string[];
}

const EXAMPLES = 3;

export function report(
  options: Options,
  { seconds, tally, findings, faults, lists, failures }: Found,
): Report {
  const { seed, replicas, coherence, broken } = options;
  const { ways } = tally;
  const reads = sum(tally.reads);
  return {
    seed,
    replicas,
    seconds,
    coherence,
    broken,
    reads,
    readsByKind: tally.reads,
    hits: ways.hit,
    hitShare: ways.hit / Math.max(1, reads),
    ways,
    failedReads: Object.fromEntries(tally.failedReads),
    hitsByFault: tally.hitsByFault(faults),
    readsSoonAfterCoherent: tally.soonAfterCoherent,
    writes: tally.outcomes,
    writesByKind: tally.writes,
    faults: faults.total,
    faultsByKind: faults.counts,
    stale: findings.count('stale'),
    lost: findings.count('lost'),
    phantoms: findings.count('phantom'),
    missing: findings.count('missing'),
    unwanted: findings.count('unwanted'),
    mostListsOfPage: lists.most,
    mostListsOfPageByReplica: lists.mostOfReplica,
    longestReadMs: Math.round(tally.longestReadMs),
    longestWriteMs: Math.round(tally.longestWriteMs),
    failures: [...failures, ...notTried(options, tally, faults)],
    examples: findings.violations.slice(0, EXAMPLES),
  };
}

/** Reports kinds that did not occur. Skipped if a step is disabled: such a run ends at the first violation. */
function notTried(
  { broken, coherence }: Options,
  { reads, writes, outcomes }: Tally,
  log: FaultLog,
): string[] {
  if (broken !== undefined) return [];
  const missing = [
    ...READ_KINDS.filter((kind) => reads[kind] === 0).map((kind) => `read of the kind ${kind}`),
    ...WRITE_KINDS.filter((kind) => writes[kind].coherent === 0).map((kind) => `coherent ${kind}`),
    ...Object.entries(log.counts).flatMap(([kind, count]) =>
      count === 0 ? `fault of the kind ${kind}` : [],
    ),
    ...(coherence === 'strict' && outcomes.unsent === 0 ? ['write that was not sent'] : []),
  ].map((what) => `There was no ${what}.`);
  if (coherence === 'available' && outcomes.unsent > 0)
    missing.push(
      `${outcomes.unsent} writes were not sent, although COHERENCE=available does not require the cache.`,
    );
  return missing;
}

/** Whether every promise was kept. */
export function kept({ stale, lost, phantoms, missing, unwanted, failures }: Report): boolean {
  return stale + lost + phantoms + missing + unwanted + failures.length === 0;
}

export function asText(found: Report): string {
  const { hitsByFault, faultsByKind, examples, failures, ways } = found;
  const rows: [string, string | number][] = [
    ['reads', found.reads],
    ...Object.entries(found.readsByKind).map(([kind, count]): [string, number] => [`  ${kind}`, count]),
    ['  hits', `${found.hits} (${(found.hitShare * 100).toFixed(1)} %)`],
    [
      '  other ways',
      `miss ${ways.miss}, collapsed ${ways.collapsed}, bypass ${ways.bypass}, unknown ${ways.untold}`,
    ],
    ['  within 1 s after a coherent acknowledgement', found.readsSoonAfterCoherent],
    ['  refused or failed', told(found.failedReads)],
    ['writes', told(found.writes)],
    ...Object.entries(found.writesByKind).map(([kind, outcomes]): [string, string] => [
      `  ${kind}`,
      told(outcomes),
    ]),
    ['faults', found.faults],
    ...Object.entries(faultsByKind).map(([kind, count]): [string, string] => [
      `  ${kind}`,
      `${String(count).padStart(4)}   hits during it ${hitsByFault[kind] ?? 0}`,
    ]),
    ['max. upstream lists of a page in flight', found.mostListsOfPage],
    ['  in one replica', found.mostListsOfPageByReplica],
    ['longest read, longest write, ms', `${found.longestReadMs}, ${found.longestWriteMs}`],
    ['stale reads', found.stale],
    ['acknowledged writes lost', found.lost],
    ['writes seen that were refused', found.phantoms],
    ['groups or members missing', found.missing],
    ['unwanted upstream writes', found.unwanted],
  ];
  const table = rows.map(([name, value]) => `${name.padEnd(48)}${value}`);
  const stories = examples.map(({ kind, group, detail, history }) =>
    [`${kind} ${group}: ${detail}`, ...history.map((line) => `    ${line}`)].join('\n'),
  );
  return [titleOf(found), ...table, ...stories, ...failures].join('\n');
}

function titleOf({ seed, replicas, seconds, coherence, broken }: Report): string {
  const parts = [`seed ${seed}`, `${replicas} replicas`, `${seconds} s`];
  if (coherence === 'strict') parts.push('strict');
  if (broken !== undefined) parts.push(`without the step ${broken}`);
  return parts.join(', ');
}

function told(counts: Readonly<Record<string, number>>): string {
  return (
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ') || 'none'
  );
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
