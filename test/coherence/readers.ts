import { setTimeout as sleep } from 'node:timers/promises';
import type { Checker } from './checker.js';
import type { FaultLog } from './fault-log.js';
import { LAG } from './faults.js';
import { type Scope, writeOf } from './groups.js';
import { type Answer, call } from './http.js';
import type { Random } from './random.js';
import { SPACE } from './settings.js';
import type { Replica } from './stage.js';
import { type Tally, wayOf } from './tally.js';

const GRAPHQL_SHARE = 0.04;
const LONGEST_PAUSE_MS = 20;
const SOON_MS = 1_000;
const QUERY = `query($space: ID!, $number: String!) {
  chatGroups(custSpaceId: $space, businessNumber: $number) { nodes { groupId subject } }
}`;

interface ShownGroup {
  readonly groupId: string;
  readonly subject?: string;
}

export interface ReadLoad {
  readonly replicas: readonly Replica[];
  readonly scopes: readonly Scope[];
  readonly checker: Checker;
  readonly tally: Tally;
  readonly faults: FaultLog;
  /** When a write of the scope was last acknowledged as coherent, `performance.now()`. */
  readonly coherentAtMs: ReadonlyMap<Scope, number>;
}

/** One reader: any scope, through any replica, again and again until the signal. */
export async function readAgainAndAgain(load: ReadLoad, random: Random, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(random.between(0, LONGEST_PAUSE_MS));
    await readOnce(load, random.pick(load.scopes), random.pick(load.replicas), random.next() < GRAPHQL_SHARE);
  }
}

/** One read, judged. */
export async function readOnce(
  { checker, tally, faults, coherentAtMs }: ReadLoad,
  scope: Scope,
  replica: Replica,
  graphql = false,
): Promise<void> {
  const before = faults.mask;
  const begin = checker.beginRead(scope);
  const soon = begin.atMs - (coherentAtMs.get(scope) ?? -Infinity) < SOON_MS;
  const answer = await (graphql ? overGraphql(replica, scope) : call(replica.url + scope.path));
  const tookMs = performance.now() - begin.atMs;
  const during = before | faults.mask;
  const groups = shownIn(answer);
  if (!groups) {
    tally.readFailed(codeOf(answer), tookMs);
    return;
  }
  const shown = new Map(groups.map(({ groupId, subject }) => [groupId, writeOf(subject)]));
  const way = wayOf(answer.headers['cache-status']);
  const lagging = faults.kindsIn(during).includes(LAG);
  const listed = way === 'miss' || way === 'bypass';
  tally.read(way, during, tookMs, soon);
  checker.endRead(begin, shown, { lagging, listed }, () =>
    [
      replica.name,
      graphql ? 'GraphQL' : answer.headers['cache-status'],
      `age ${String(answer.headers['age'])}`,
      `took ${tookMs.toFixed(0)} ms`,
      `during ${faults.kindsIn(during).join(', ')}`,
    ].join('; '),
  );
}

function overGraphql(replica: Replica, { businessNumber }: Scope): Promise<Answer> {
  const variables = { space: SPACE, number: businessNumber };
  return call(`${replica.url}/graphql`, 'POST', { query: QUERY, variables });
}

function shownIn({ status, body }: Answer): readonly ShownGroup[] | undefined {
  if (status !== 200) return undefined;
  const { data } = body as {
    data?: readonly ShownGroup[] | { chatGroups: { nodes: readonly ShownGroup[] } | null } | null;
  };
  if (data === null || data === undefined) return undefined;
  return 'chatGroups' in data ? data.chatGroups?.nodes : data;
}

/** Of the catalogue of errors. */
export function codeOf({ status, body }: Answer): string {
  const told = body as { code?: string; errors?: { extensions?: { code?: string } }[] } | undefined;
  return told?.code ?? told?.errors?.[0]?.extensions?.code ?? `status ${status}`;
}
