import type { Checker } from './checker.js';
import type { FaultLog } from './fault-log.js';
import { LAG } from './faults.js';
import type { Findings } from './findings.js';
import { type Group, type Scope, writeOf } from './groups.js';
import { type Answer, call, codeOf } from './http.js';
import type { Members } from './members.js';
import { SPACE, TIMES } from './settings.js';
import type { Replica } from './stage.js';
import { type Tally, wayOf } from './tally.js';

const SOON_MS = 1_000;
/** How much too late the `asOf` of a response may be: times from Redis are delayed both ways. */
const AS_OF_LATE_MS = 400;
/** How long the gateway may conclude from an earlier list that a group does not exist. */
const ABSENT_FOR_MS = TIMES.freshMs + 500;
const QUERY = `query($space: ID!, $number: String!) {
  chatGroups(custSpaceId: $space, businessNumber: $number) { nodes { groupId subject } asOf }
}`;

export interface ReadLoad {
  readonly replicas: readonly Replica[];
  readonly scopes: readonly Scope[];
  readonly findings: Findings;
  readonly checker: Checker;
  readonly members: Members;
  readonly tally: Tally;
  readonly faults: FaultLog;
  /** When a write of the scope was last acknowledged as coherent, `performance.now()`. */
  readonly coherentAtMs: ReadonlyMap<Scope, number>;
}

interface List {
  readonly rows: readonly Row[];
  /** ISO 8601 */
  readonly asOf: string;
}

interface Row {
  readonly groupId: string;
  readonly subject: string;
}

/** Reads a list and checks the result. */
export async function readList(
  load: ReadLoad,
  scope: Scope,
  replica: Replica,
  graphql = false,
): Promise<void> {
  const { checker, faults } = load;
  const begin = checker.beginRead(scope.groups.values());
  const request = graphql ? overGraphql(replica, scope) : call(replica.url + scope.path);
  const read = await timed(load, scope, replica, begin.atMs, request);
  const list = listIn(read.answer);
  if (!list) return failed(load, read);
  count(load, graphql ? 'GraphQL list' : 'list', read);
  const listedMs = performance.now() - (Date.now() - Date.parse(list.asOf));
  const listedWhileLagging = faults.wasUnderWay(LAG, listedMs - AS_OF_LATE_MS, listedMs);
  const shown = shownBy(load, scope, list.rows, read.how);
  checker.endRead(
    begin,
    shown,
    { lagging: read.lagging, mayMiss: read.lagging || listedWhileLagging },
    read.how,
  );
}

/** Reads a group with a known ID and checks the result. The group may or may not exist. */
export async function readGroup(load: ReadLoad, group: Group, replica: Replica): Promise<void> {
  const { scope } = group;
  const begin = load.checker.beginRead([group]);
  const read = await timed(load, scope, replica, begin.atMs, call(urlOf(group, replica)));
  const absent = isNotFound(read.answer);
  if (!absent && read.answer.status !== 200) return failed(load, read);
  count(load, absent ? 'group that is not there' : 'group', read);
  const shown = shownBy(load, scope, absent ? [] : [read.answer.body as Row], read.how);
  load.checker.endRead(begin, shown, excuse(load, begin.atMs, read), read.how);
}

/** Reads the members of a group and checks the result. */
export async function readMembers(load: ReadLoad, group: Group, replica: Replica): Promise<void> {
  const { checker, members } = load;
  const begin = checker.beginRead([group]);
  const request = call(`${urlOf(group, replica)}/participants`);
  const read = await timed(load, group.scope, replica, begin.atMs, request);
  const excused = excuse(load, begin.atMs, read);
  if (isNotFound(read.answer)) return checker.endRead(begin, new Map(), excused, read.how);
  if (read.answer.status !== 200) return failed(load, read);
  count(load, 'participants', read);
  const { data } = read.answer.body as { data: readonly { phoneNumber: string }[] };
  const shown = new Set(data.map(({ phoneNumber }) => phoneNumber));
  const complete = !checker.mayBeGone(group);
  members.endRead(group, begin.atMs, shown, { ...excused, complete }, read.how);
}

/** Returns the URL of a group, whose ID must be known. */
export function urlOf({ scope, id = '' }: Group, { url }: Replica): string {
  return `${url}${scope.path}/${encodeURIComponent(id)}`;
}

/**
 * Returns the excuse for a response about a single group, which does not say when it was listed. It was requested at
 * `atMs`.
 */
export function excuse(
  { faults }: ReadLoad,
  atMs: number,
  { lagging }: { readonly lagging: boolean },
): { lagging: boolean; mayMiss: boolean } {
  return { lagging, mayMiss: faults.wasUnderWay(LAG, atMs - ABSENT_FOR_MS, performance.now()) };
}

export function isNotFound(answer: Answer): boolean {
  return answer.status === 404 && codeOf(answer) === 'NOT_FOUND';
}

interface Timed {
  readonly answer: Answer;
  readonly during: number;
  readonly lagging: boolean;
  readonly soon: boolean;
  readonly how: () => string;
}

async function timed(
  { tally, faults, coherentAtMs }: ReadLoad,
  scope: Scope,
  { name }: Replica,
  atMs: number,
  request: Promise<Answer>,
): Promise<Timed> {
  const before = faults.mask;
  const soon = atMs - (coherentAtMs.get(scope) ?? -Infinity) < SOON_MS;
  const answer = await request;
  const tookMs = performance.now() - atMs;
  tally.readTook(tookMs);
  const during = before | faults.mask;
  const kinds = faults.kindsIn(during);
  const how = (): string =>
    [
      name,
      answer.request,
      `status ${answer.status}`,
      answer.headers['cache-status'] ?? 'no Cache-Status',
      `age ${String(answer.headers['age'])}`,
      `took ${tookMs.toFixed(0)} ms`,
      `during ${kinds.join(', ')}`,
    ].join('; ');
  return { answer, during, lagging: kinds.includes(LAG), soon, how };
}

function count({ tally }: ReadLoad, kind: keyof Tally['reads'], { answer, during, soon }: Timed): void {
  tally.read(kind, wayOf(answer.headers['cache-status']), during, soon);
}

function failed({ tally }: ReadLoad, { answer }: Timed): void {
  tally.readFailed(codeOf(answer));
}

/** Returns the write that each group shows. Reports groups that no writer created or that appear twice. */
function shownBy(
  { findings }: ReadLoad,
  scope: Scope,
  rows: readonly Row[],
  how: () => string,
): Map<Group, number> {
  const shown = new Map<Group, number>();
  for (const { groupId, subject } of rows) {
    const written = writeOf(scope, subject);
    if (!written) {
      findings.violated('phantom', scope, subject, `no writer created it: ${how()}`);
      continue;
    }
    const { group, write } = written;
    if (shown.has(group) || (group.id !== undefined && group.id !== groupId))
      findings.violated('phantom', scope, group.name, `appears twice: ${how()}`);
    shown.set(group, write);
  }
  return shown;
}

function overGraphql(replica: Replica, { businessNumber }: Scope): Promise<Answer> {
  const variables = { space: SPACE, number: businessNumber };
  return call(`${replica.url}/graphql`, 'POST', { query: QUERY, variables });
}

function listIn({ status, body }: Answer): List | undefined {
  if (status !== 200) return undefined;
  const told = body as
    | { data: readonly Row[]; asOf: string }
    | { data?: { chatGroups: { nodes: readonly Row[]; asOf: string } | null } | null };
  if ('asOf' in told) return { rows: told.data, asOf: told.asOf };
  const list = told.data?.chatGroups;
  return list ? { rows: list.nodes, asOf: list.asOf } : undefined;
}
