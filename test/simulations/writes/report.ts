import type { Disasters } from './disasters.js';
import type { Ledger } from './ledger.js';
import type { Options } from './options.js';
import { KINDS, SPOILINGS, type Write } from './plan.js';
import { KILL_POINTS, type FaultPoints } from './fault-points.js';
import { BREACHES, type Breach, endOf, isUnknown } from './verdict.js';

/** The results of a run. */
export interface Report {
  readonly seed: number;
  readonly replicas: number;
  readonly count: number;
  readonly seconds: number;
  readonly broken: string | undefined;
  /** The number of writes by kind and end. */
  readonly ends: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly requests: number;
  /** How often clients got each outcome, over all requests. */
  readonly answers: Readonly<Record<string, number>>;
  readonly replays: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly breaches: Readonly<Record<string, number>>;
  /** Updates, deletes and removals whose clients never learned the outcome. */
  readonly unknownOthers: number;
  readonly others: number;
  /** Processes that exited. */
  readonly failures: readonly string[];
  /** The events around each write with a broken promise, by kind of breach. */
  readonly stories: Readonly<Record<string, readonly string[]>>;
}

interface Found {
  readonly seconds: number;
  readonly writes: readonly Write[];
  readonly ledger: Ledger;
  readonly faultPoints: FaultPoints;
  readonly disasters: Disasters;
  readonly breaches: readonly Breach[];
  readonly failures: readonly string[];
}

const EXAMPLES_A_KIND = 3;
const UNKNOWN_SHARE = 0.01;
/** From this number of writes, every kind of fault must have occurred. */
const ALL_FAULTS_FROM = 1_000;

export function report({ seed, replicas, count, broken }: Options, found: Found): Report {
  const { seconds, writes, ledger, faultPoints, disasters, breaches, failures } = found;
  const ends = Object.fromEntries(
    KINDS.map((kind) => [
      kind,
      tally(writes.filter((write) => write.kind === kind).map((write) => endOf(ledger.of(write)))),
    ]),
  );
  const outcome = writes.flatMap((write) => ledger.of(write).flatMap((asked) => asked.outcome ?? []));
  const others = writes.filter(({ kind }) => kind === 'update' || kind === 'delete' || kind === 'remove');
  const unknown = others.filter((write) => isUnknown(endOf(ledger.of(write))));
  const { counts } = disasters;
  return {
    seed,
    replicas,
    count,
    seconds,
    broken,
    ends,
    requests: outcome.length,
    answers: tally(outcome.map(({ kind, code }) => (kind === 'failed' || kind === 'none' ? code : kind))),
    replays: outcome.filter(({ replayed }) => replayed).length,
    faults: {
      ...Object.fromEntries(SPOILINGS.map((kind) => [kind, faultPoints.spoilt.get(kind) ?? 0])),
      ...Object.fromEntries(
        KILL_POINTS.map((point) => [`killed at ${point}`, faultPoints.kills.get(point) ?? 0]),
      ),
      'frozen until reconciled': counts.frozen,
      'frozen for a while': counts.thawedEarly,
      'state store killed': counts.stateRestarts,
    },
    breaches: Object.fromEntries(
      BREACHES.map((kind) => [kind, breaches.filter((breach) => breach.kind === kind).length]),
    ),
    unknownOthers: unknown.length,
    others: others.length,
    failures,
    stories: {
      unknown: unknown.map((write) => story(`unknown ${titleOf(write)}`, write, ledger)),
      ...Object.fromEntries(
        BREACHES.map((kind) => [
          kind,
          breaches.filter((breach) => breach.kind === kind).map((breach) => breachOf(breach, ledger)),
        ]),
      ),
    },
  };
}

/** Whether every promise was kept and, in long runs, every kind of fault occurred. */
export function kept(found: Report): boolean {
  return shortcomings(found).length === 0;
}

/** Lists the reasons why a run failed. */
function shortcomings({ count, faults, breaches, unknownOthers, others, failures }: Report): string[] {
  const unmet = Object.entries(faults).filter(([, times]) => times === 0 && count >= ALL_FAULTS_FROM);
  const broken = Object.entries(breaches).filter(([, times]) => times > 0);
  const most = Math.floor(others * UNKNOWN_SHARE);
  return [
    ...broken.map(([kind, times]) => `${kind}: ${times}`),
    ...(unknownOthers > most ? [`${unknownOthers} unknown writes, the maximum is ${most}`] : []),
    ...unmet.map(([fault]) => `a fault that never occurred: ${fault}`),
    ...failures,
  ];
}

export function asText(found: Report): string {
  const { ends, answers, faults, breaches, stories } = found;
  const rows: [string, string | number][] = [
    ['writes', found.count],
    ...Object.entries(ends).map(([kind, counts]): [string, string] => [`  ${kind}`, spelt(counts)]),
    ['requests', found.requests],
    ['  outcomes', spelt(answers)],
    ['  replayed', found.replays],
    ['faults', ''],
    ...Object.entries(faults).map(([kind, count]): [string, number] => [`  ${kind}`, count]),
    ['duplicate upstream writes', breaches['duplicate'] ?? 0],
    ['acknowledged writes lost', breaches['lost'] ?? 0],
    ['executed writes reported as not executed', breaches['lie'] ?? 0],
    ['different outcomes for one key', breaches['contradiction'] ?? 0],
    ['create operations still unknown', breaches['unknown create'] ?? 0],
    ['internal errors', breaches['internal error'] ?? 0],
    ['other unknown writes, except links', `${found.unknownOthers} of ${found.others}`],
  ];
  const title = `seed ${found.seed}, ${found.replicas} replicas, ${found.seconds} s${found.broken === undefined ? '' : `, without the step ${found.broken}`}`;
  const table = rows.map(([name, value]) => `${name.padEnd(40)}${value}`);
  // Broken promises come after what is merely unknown, which may be long.
  const examples = Object.values(stories).flatMap((all) => all.slice(0, EXAMPLES_A_KIND));
  const missed = shortcomings(found).map((what) => `failed: ${what}`);
  // The verdict comes last, where terminals show it.
  return [title, ...table, ...examples, ...missed].join('\n');
}

function breachOf({ kind, write, detail }: Breach, ledger: Ledger): string {
  return story(`${kind} ${titleOf(write)}: ${detail}`, write, ledger);
}

function titleOf({ kind, mark, spoiling, shared }: Write): string {
  return `${kind} ${mark}${shared ? ' of a shared group' : ''}${spoiling ? ` (${spoiling})` : ''}`;
}

function story(title: string, write: Write, ledger: Ledger): string {
  return [title, ...ledger.story(write).map((line) => `    ${line}`)].join('\n');
}

function tally(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function spelt(counts: Readonly<Record<string, number>>): string {
  return (
    Object.entries(counts)
      .toSorted(([, a], [, b]) => b - a)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ') || 'none'
  );
}
