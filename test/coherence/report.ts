import type { Checker, Violation } from './checker.js';
import type { FaultLog } from './fault-log.js';
import type { ListsUnderWay } from './lists-under-way.js';
import type { Options } from './options.js';
import type { Tally } from './tally.js';

/** What a run found. */
export interface Report {
  readonly seed: number;
  readonly replicas: number;
  readonly seconds: number;
  readonly broken: string | undefined;
  readonly reads: number;
  readonly hits: number;
  readonly hitShare: number;
  readonly ways: Tally['ways'];
  readonly failedReads: Readonly<Record<string, number>>;
  readonly hitsByFault: Readonly<Record<string, number>>;
  readonly readsSoonAfterCoherent: number;
  readonly writes: Tally['writes'];
  readonly faults: number;
  readonly faultsByKind: Readonly<Record<string, number>>;
  readonly stale: number;
  readonly lost: number;
  readonly phantoms: number;
  readonly missing: number;
  readonly mostListsOfPage: number;
  readonly mostListsOfPageByReplica: number;
  readonly longestReadMs: number;
  readonly longestWriteMs: number;
  /** Processes that ended, and replicas whose cache did not come back. */
  readonly failures: readonly string[];
  readonly examples: readonly Violation[];
}

interface Found {
  readonly seconds: number;
  readonly tally: Tally;
  readonly checker: Checker;
  readonly faults: FaultLog;
  readonly lists: ListsUnderWay;
  readonly failures: readonly string[];
}

const EXAMPLES = 3;

export function report(
  { seed, replicas, broken }: Options,
  { seconds, tally, checker, faults, lists, failures }: Found,
): Report {
  const { reads, ways } = tally;
  return {
    seed,
    replicas,
    seconds,
    broken,
    reads,
    hits: ways.hit,
    hitShare: ways.hit / Math.max(1, reads),
    ways,
    failedReads: Object.fromEntries(tally.failedReads),
    hitsByFault: tally.hitsByFault(faults),
    readsSoonAfterCoherent: tally.soonAfterCoherent,
    writes: tally.writes,
    faults: faults.total,
    faultsByKind: faults.counts,
    stale: checker.count('stale'),
    lost: checker.count('lost'),
    phantoms: checker.count('phantom'),
    missing: checker.count('missing'),
    mostListsOfPage: lists.most,
    mostListsOfPageByReplica: lists.mostOfReplica,
    longestReadMs: Math.round(tally.longestReadMs),
    longestWriteMs: Math.round(tally.longestWriteMs),
    failures,
    examples: checker.violations.slice(0, EXAMPLES),
  };
}

/** Whether every promise was kept. */
export function kept({ stale, lost, phantoms, missing, failures }: Report): boolean {
  return stale + lost + phantoms + missing + failures.length === 0;
}

export function asText(found: Report): string {
  const { hitsByFault, faultsByKind, examples, failures, writes, ways } = found;
  const rows: [string, string | number][] = [
    ['reads', found.reads],
    ['  hits', `${found.hits} (${(found.hitShare * 100).toFixed(1)} %)`],
    [
      '  other ways',
      `miss ${ways.miss}, collapsed ${ways.collapsed}, bypass ${ways.bypass}, untold ${ways.untold}`,
    ],
    ['  within 1 s after a coherent acknowledgement', found.readsSoonAfterCoherent],
    ['  refused or failed', told(found.failedReads)],
    ['writes', told(writes)],
    ['faults', found.faults],
    ...Object.entries(faultsByKind).map(([kind, count]): [string, string] => [
      `  ${kind}`,
      `${String(count).padStart(4)}   hits meanwhile ${hitsByFault[kind] ?? 0}`,
    ]),
    ['most upstream lists of a page under way', found.mostListsOfPage],
    ['  in one replica', found.mostListsOfPageByReplica],
    ['longest read, longest write, ms', `${found.longestReadMs}, ${found.longestWriteMs}`],
    ['stale reads', found.stale],
    ['acknowledged writes lost', found.lost],
    ['writes seen that were refused', found.phantoms],
    ['groups missing', found.missing],
  ];
  const title = `seed ${found.seed}, ${found.replicas} replicas, ${found.seconds} s${found.broken === undefined ? '' : `, without the step ${found.broken}`}`;
  const table = rows.map(([name, value]) => `${name.padEnd(48)}${value}`);
  const stories = examples.map(({ kind, group, detail, history }) =>
    [`${kind} ${group}: ${detail}`, ...history.map((line) => `    ${line}`)].join('\n'),
  );
  return [title, ...table, ...stories, ...failures].join('\n');
}

function told(counts: Readonly<Record<string, number>>): string {
  return (
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ') || 'none'
  );
}
