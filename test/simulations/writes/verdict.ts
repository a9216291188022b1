import type { Executed } from './executed.js';
import type { Asked, Ledger } from './ledger.js';
import { MEMBERS, type Write } from './plan.js';
import { fieldOf } from './rest-write.js';
import { isFinal, nameOf, saysNotExecuted, type ClientOutcome } from './client-outcome.js';
import type { FaultPoints } from './fault-points.js';

export const BREACHES = [
  'duplicate',
  'lost',
  'lie',
  'contradiction',
  'unknown create',
  'internal error',
] as const;
export type BreachKind = (typeof BREACHES)[number];

/** A broken promise. */
export interface Breach {
  readonly kind: BreachKind;
  readonly write: Write;
  readonly detail: string;
}

interface Facts {
  readonly executed: Executed;
  readonly faultPoints: FaultPoints;
  readonly ledger: Ledger;
}

type Answered = Asked & { readonly outcome: ClientOutcome };

/** Describes how a write ended for its client: its final outcome, or that there is none. */
export function endOf(asked: readonly Asked[]): string {
  const last = answered(asked).findLast(({ outcome }) => isFinal(outcome)) ?? answered(asked).at(-1);
  if (!last) return 'no response';
  return isFinal(last.outcome) ? nameOf(last.outcome) : `undecided: ${nameOf(last.outcome)}`;
}

/** Returns the promises broken for a write, judged by what the upstream executed. */
export function judge(write: Write, facts: Facts): Breach[] {
  const asked = answered(facts.ledger.of(write));
  const breach = (kind: BreachKind, detail: string): Breach => ({ kind, write, detail });
  return [
    ...duplicates(write, facts).map((detail) => breach('duplicate', detail)),
    ...asked
      .flatMap(({ outcome }) => losses(write, outcome, facts))
      .slice(0, 1)
      .map((detail) => breach('lost', detail)),
    ...lies(write, asked, facts)
      .slice(0, 1)
      .map((detail) => breach('lie', detail)),
    ...contradictions(asked).map((detail) => breach('contradiction', detail)),
    ...(asked.some(({ outcome }) => outcome.code === 'INTERNAL')
      ? [breach('internal error', 'got INTERNAL')]
      : []),
    ...(write.kind === 'create' && isUnknown(endOf(asked)) ? [breach('unknown create', endOf(asked))] : []),
  ];
}

/** Whether the outcome is still unknown after the client stopped retrying. */
export function isUnknown(end: string): boolean {
  return end === 'unresolved' || end === 'no response' || end.startsWith('undecided');
}

function answered(asked: readonly Asked[]): Answered[] {
  return asked.filter((one): one is Answered => one.outcome !== undefined);
}

function duplicates(write: Write, { executed, faultPoints }: Facts): string[] {
  const calls = faultPoints.calls.get(write) ?? 0;
  const times = executed.timesOf(write).length;
  const groups = write.kind === 'create' ? executed.groupsOfSubject(write.mark) : [];
  const links = Math.max(0, ...groups.map(({ groupId }) => executed.linksOf(groupId)));
  return [
    ...(calls > 1 || times > 1 ? [`${calls} calls, executed ${times} times`] : []),
    ...(groups.length > 1 ? [`${groups.length} groups`] : []),
    ...(links > 1 ? [`${links} links of the new group`] : []),
  ];
}

/** Describes acknowledged effects that are not there. */
function losses(write: Write, outcome: ClientOutcome, { executed }: Facts): string[] {
  if (outcome.kind !== 'done') return [];
  const { kind, mark, groupId, shared } = write;
  const group = executed.group(groupId);
  const lost = (what: string): string[] => [`got ${outcome.code}, but ${what}`];
  if (kind === 'create') {
    const made = executed.group(outcome.groupId ?? '');
    if (made?.subject !== mark) return lost(`${outcome.groupId} is another group`);
    const unlinked = write.withInviteLink && !outcome.linkFailed && made.inviteLink !== outcome.link;
    return unlinked ? lost(`the link is ${made.inviteLink}`) : [];
  }
  if (kind === 'delete') return group ? lost('the group still exists') : [];
  if (executed.timesOf(write).length === 0) return lost('nothing was executed');
  const field = fieldOf(write);
  const shown = group as unknown as Record<string, unknown>;
  if (kind === 'update')
    return shared || shown[field] === mark ? [] : lost(`the ${field} is ${String(shown[field])}`);
  if (kind === 'remove') {
    const left = MEMBERS.slice(0, 2).filter((number) => group?.participants.includes(number));
    return left.length > 0 ? lost(`${left.length} members are left`) : [];
  }
  if (kind === 'link') return group?.inviteLink === outcome.link ? [] : lost('there is another link');
  return group?.inviteLink === null || group?.inviteLink === undefined ? [] : lost('the link still exists');
}

/** Describes responses that claim "not executed" for a write that was executed, or will be. */
function lies(write: Write, asked: readonly Answered[], { executed }: Facts): string[] {
  const times = executed.timesOf(write);
  return asked.flatMap((one) => {
    const { outcome, atMs, endedAtMs } = one;
    if (outcome.kind !== 'failed' || outcome.code === 'OUTCOME_UNKNOWN') return [];
    const others = asked.filter((other) => other !== one && other.atMs <= endedAtMs);
    // Without concurrent or earlier requests, any error is about the write itself.
    const speaks = saysNotExecuted(outcome) || others.length === 0;
    if (!speaks) return [];
    const overlapped = others.some((other) => other.endedAtMs >= atMs);
    const untilMs = isFinal(outcome) ? Infinity : overlapped ? atMs : endedAtMs;
    return times.some((time) => time <= untilMs) ? [`got ${outcome.code}, but it was executed`] : [];
  });
}

/** Describes two different outcomes reported for one write. */
function contradictions(asked: readonly Answered[]): string[] {
  const finals = asked.filter(({ outcome }) => isFinal(outcome) && outcome.kind !== 'unresolved');
  const [earliest] = finals.toSorted((a, b) => a.endedAtMs - b.endedAtMs);
  if (!earliest) return [];
  const first = earliest.outcome;
  const same = (outcome: ClientOutcome): boolean =>
    outcome.kind === first.kind &&
    outcome.groupId === first.groupId &&
    (outcome.kind === 'done' || outcome.code === first.code);
  const other = finals.map(({ outcome }) => outcome).find((outcome) => !same(outcome));
  const after = asked.filter(({ atMs }) => atMs >= earliest.endedAtMs).map(({ outcome }) => outcome);
  const taken = after.find(
    (outcome) => outcome.code === 'OUTCOME_UNKNOWN' || (saysNotExecuted(outcome) && !same(outcome)),
  );
  const found = other ?? taken;
  return found
    ? [`got ${nameOf(first)} ${first.groupId ?? ''}, then ${nameOf(found)} ${found.groupId ?? ''}`]
    : [];
}
