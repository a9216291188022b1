import type { SentWrite } from './checker.js';
import { LAG } from './faults.js';
import { type Group, type Scope, subjectOf } from './groups.js';
import { type Answer, call, codeOf } from './http.js';
import { excuse, isNotFound, type ReadLoad, urlOf } from './reads.js';
import type { Replica } from './stage.js';
import type { Outcome, WriteKind } from './tally.js';
import type { UpstreamWrite, UpstreamWrites } from './upstream-writes.js';

export interface WriteLoad extends ReadLoad {
  readonly upstreamWrites: UpstreamWrites;
  readonly coherentAtMs: Map<Scope, number>;
}

/** A write, with its request to the gateway and its call upstream. */
interface Write {
  readonly kind: WriteKind;
  readonly group: Group;
  readonly sent: SentWrite;
  readonly upstream: UpstreamWrite;
  readonly url: string;
  readonly method: string;
  readonly body?: unknown;
}

export function update(load: WriteLoad, group: Group, replica: Replica): Promise<Outcome> {
  const { subject, ...write } = naming(load, group, 'update');
  return carryOut(load, {
    ...write,
    upstream: { action: 'UpdateChatGroup', groupId: group.id ?? '', subject },
    url: urlOf(group, replica),
    method: 'PATCH',
  });
}

/** Creates a group. The group gets its ID if the response contains it. */
export function create(load: WriteLoad, group: Group, replica: Replica): Promise<Outcome> {
  const { subject, ...write } = naming(load, group, 'create');
  return carryOut(load, {
    ...write,
    upstream: { action: 'AddChatGroup', subject },
    url: replica.url + group.scope.path,
    method: 'POST',
  });
}

export async function remove(
  load: WriteLoad,
  group: Group,
  number: string,
  replica: Replica,
): Promise<Outcome> {
  return carryOut(load, {
    kind: 'removal',
    group,
    sent: load.members.remove(group, number),
    upstream: { action: 'DeleteChatGroupParticipants', groupId: group.id ?? '', member: number },
    url: `${urlOf(group, replica)}/participants/remove`,
    method: 'POST',
    body: { phoneNumbers: [number] },
  });
}

/** Deletes a group, and with it its members. */
export async function destroy(load: WriteLoad, group: Group, replica: Replica): Promise<Outcome> {
  const outcome = await carryOut(load, {
    kind: 'delete',
    group,
    sent: load.checker.send(group, 'delete'),
    upstream: { action: 'DeleteChatGroup', groupId: group.id ?? '' },
    url: urlOf(group, replica),
    method: 'DELETE',
  });
  if (outcome === 'coherent' || outcome === 'bounded') load.members.groupGone(group, outcome);
  return outcome;
}

/** Prepares a write that gives the group a unique subject, by which readers can identify the write. */
function naming(
  load: WriteLoad,
  group: Group,
  kind: 'update' | 'create',
): Pick<Write, 'kind' | 'group' | 'sent' | 'body'> & { readonly subject: string } {
  const sent = load.checker.send(group, kind);
  const subject = subjectOf(group.name, sent.number);
  return { kind, group, sent, subject, body: { subject } };
}

/** Sends a write and reports its outcome to the checkers. */
async function carryOut(
  load: WriteLoad,
  { kind, group, sent, upstream, url, method, body }: Write,
): Promise<Outcome> {
  const { checker, tally, faults, upstreamWrites, coherentAtMs } = load;
  const begin = checker.beginRead(kind === 'create' ? [] : [group]);
  const unsent = upstreamWrites.expect(group, upstream);
  const answer = await call(url, method, body);
  const outcome = outcomeOf(answer);
  tally.wrote(kind, outcome, performance.now() - begin.atMs);
  switch (outcome) {
    case 'coherent':
    case 'bounded':
      if (answer.status === 201) group.id = (answer.body as { groupId: string }).groupId;
      sent.acknowledged(outcome);
      if (outcome === 'coherent') coherentAtMs.set(group.scope, performance.now());
      break;
    case 'unknown':
      sent.unknown();
      break;
    case 'unsent':
      unsent();
      sent.refused(codeOf(answer));
      break;
    case 'refused':
      sent.refused(codeOf(answer));
      // The gateway reads a group before it writes to it, so a group that must exist was not found.
      if (isNotFound(answer)) {
        const lagging = faults.wasUnderWay(LAG, begin.atMs, performance.now());
        checker.endRead(begin, new Map(), excuse(load, begin.atMs, { lagging }), () => answer.request);
      }
  }
  return outcome;
}

function outcomeOf(answer: Answer): Outcome {
  const { status, headers } = answer;
  if (status >= 200 && status < 300) return headers['coherence'] === 'coherent' ? 'coherent' : 'bounded';
  const code = codeOf(answer);
  if (code === 'OUTCOME_UNKNOWN') return 'unknown';
  return code === 'COHERENCE_UNAVAILABLE' ? 'unsent' : 'refused';
}
