import { setTimeout as sleep } from 'node:timers/promises';
import type { SandboxControl } from '../support/sandbox-control.js';
import { type Group, type Scope, subjectOf, writesNow } from './groups.js';
import { type Answer, call } from './http.js';
import type { Random } from './random.js';
import type { ListsUnderWay } from './lists-under-way.js';
import { codeOf, type ReadLoad, readOnce } from './readers.js';
import { INTENT_MS } from './settings.js';
import type { Replica } from './stage.js';
import type { Tally } from './tally.js';

const LEAST_PAUSE_MS = 200;
const MOST_PAUSE_MS = 900;
/** How many writes wait for a list that they will outdate, and how long. */
const AMBUSH_SHARE = 0.5;
const AMBUSH_MS = 400;
const LOOK_MS = 4;
/** A busy machine hands calls over late. */
const LATE_MS = 500;

export interface WriteLoad extends ReadLoad {
  readonly sandbox: SandboxControl;
  readonly lists: ListsUnderWay;
  readonly coherentAtMs: Map<Scope, number>;
}

/**
 * One writer, the only one of these groups: so the last write of a group is known. After one of unknown outcome it
 * leaves the group alone until that can no longer be applied.
 */
export async function writeAgainAndAgain(
  load: WriteLoad,
  groups: readonly Group[],
  random: Random,
  signal: AbortSignal,
): Promise<void> {
  const leftAloneUntilMs = new Map<Group, number>();
  while (!signal.aborted) {
    await sleep(random.between(LEAST_PAUSE_MS, MOST_PAUSE_MS));
    const replica = random.pick(load.replicas);
    const group = random.pick(groups);
    if (performance.now() < (leftAloneUntilMs.get(group) ?? 0)) continue;
    await lookUpstream(load, group);
    if (random.next() < AMBUSH_SHARE) await listUnderWay(load, group.scope);
    const outcome = await writeOnce(load, group, replica);
    load.tally.writes[outcome] += 1;
    if (outcome === 'coherent') {
      // What was written is read at once, through every replica.
      await Promise.all(load.replicas.map((other) => readOnce(load, group.scope, other)));
    }
    if (outcome === 'unknown') leftAloneUntilMs.set(group, performance.now() + INTENT_MS + LATE_MS);
  }
}

/** What a group is upstream, for the checker; when nothing of it is under way. */
export async function lookUpstream({ sandbox, checker }: WriteLoad, group: Group): Promise<void> {
  checker.upstreamIs(group, (await writesNow(sandbox, group.scope)).get(group.id));
}

/** Until a list of the scope is under way, or for a while. */
async function listUnderWay({ lists }: WriteLoad, { businessNumber }: Scope): Promise<void> {
  const endMs = performance.now() + AMBUSH_MS;
  while (!lists.any(businessNumber) && performance.now() < endMs) await sleep(LOOK_MS);
}

async function writeOnce(
  { checker, tally, coherentAtMs }: WriteLoad,
  group: Group,
  replica: Replica,
): Promise<keyof Tally['writes']> {
  const write = checker.nextWrite(group);
  const sentAtMs = performance.now();
  const url = `${replica.url}${group.scope.path}/${encodeURIComponent(group.id)}`;
  const answer = await call(url, 'PATCH', { subject: subjectOf(group.name, write) });
  tally.longestWriteMs = Math.max(tally.longestWriteMs, performance.now() - sentAtMs);
  const outcome = outcomeOf(answer);
  if (outcome === 'coherent' || outcome === 'bounded') checker.acknowledge(group, write, outcome);
  if (outcome === 'coherent') coherentAtMs.set(group.scope, performance.now());
  if (outcome === 'refused') checker.refuse(group, write, codeOf(answer));
  if (outcome === 'unknown') checker.note(group.scope, `${group.name}: write ${write} is of unknown outcome`);
  return outcome;
}

function outcomeOf(answer: Answer): keyof Tally['writes'] {
  const { status, headers } = answer;
  if (status === 200 || status === 202) return headers['coherence'] === 'coherent' ? 'coherent' : 'bounded';
  return codeOf(answer) === 'OUTCOME_UNKNOWN' ? 'unknown' : 'refused';
}
