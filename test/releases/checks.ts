import assert from 'node:assert/strict';
import { type KeyedOutcome, sentWrites } from '../support/keyed-writes.js';
import { eventually } from '../support/eventually.js';
import { TRANSPORTS, type Transport, ask, operation } from '../support/operations.js';
import type { Expectation, RecordedWrite, Recording } from './recording.js';
import { ACME, GLOBEX, type Side, type Stage, keyOf } from './stage.js';
import { sendRecorded, stableOutcome } from './write-requests.js';

/** A gateway that reads what another build has recorded. */
export interface Reading {
  readonly reader: Side;
  readonly recording: Recording;
  readonly stage: Stage;
}

/** A promise about records of another build. `run` throws if it is broken. */
export interface Check {
  readonly name: string;
  readonly run: (reading: Reading) => Promise<void>;
}

/** Settings of the reader: requests give up soon, and what was sent an hour ago is the past. */
export const READER = {
  REQUEST_BUDGET_MS: '4000',
  CAMS_TIMEOUT_MS: '2000',
  CAMS_LATE_APPLY_MS: '600000',
  CREATE_RESOLVE_TIMEOUT_MS: '300',
};
export const LATER_MS = 3_600_000;

const UPDATE = operation('update a group');
const CREATE = operation('create a group');
const DELETE = operation('delete a group');

/** Promises at the time of the recording. */
export const CHECKS: readonly Check[] = [
  { name: 'outcomes are replayed', run: (reading) => unsent(reading, () => replays(reading)) },
  {
    name: 'keys are refused for other requests',
    run: (reading) => unsent(reading, () => refusesOthers(reading)),
  },
  { name: 'requests in progress are in flight', run: (reading) => unsent(reading, () => inFlight(reading)) },
  { name: 'locks are held', run: (reading) => unsent(reading, () => locked(reading)) },
  { name: 'quotas stay used up', run: (reading) => unsent(reading, () => usedUp(reading)) },
  { name: 'operations are shown and listed', run: (reading) => unsent(reading, () => shows(reading)) },
  { name: 'unknown outcomes are reconciled', run: (reading) => unsent(reading, () => reconciles(reading)) },
  { name: 'pending operations are found', run: (reading) => unsent(reading, () => finds(reading)) },
  { name: 'pending operations are closed', run: closes },
];

/** Promises an hour later, when the process that made the recording is dead. */
export const LATER_CHECKS: readonly Check[] = [
  { name: 'outcomes are replayed an hour later', run: (reading) => unsent(reading, () => replays(reading)) },
  {
    name: 'abandoned writes that were sent are reconciled',
    run: (reading) => unsent(reading, () => settles(reading)),
  },
  { name: 'abandoned requests that sent nothing are executed', run: executes },
  { name: 'operations end with their window', run: (reading) => unsent(reading, () => ends(reading)) },
  { name: 'quotas are free again', run: (reading) => unsent(reading, () => free(reading)) },
];

/** Brings a new sandbox into the state of the recorded one. */
export async function arrangeSandbox({ stage, recording }: Omit<Reading, 'reader'>): Promise<void> {
  for (const change of recording.sandbox) await stage.sandbox.changeGroup(change);
}

/** Runs a check during which CAMS must not receive a write to the recorded groups, or one that creates a group. */
async function unsent({ reader, recording }: Reading, check: () => Promise<void>): Promise<void> {
  await reader.sandbox.forgetCalls();
  await check();
  // Operations may create the links of groups that they find.
  const groups = new Set(recording.writes.map(({ target }) => target.groupId));
  const isOfOperation = (name: string): boolean =>
    name.startsWith('AddChatGroupInviteLink ') && !groups.has(name.split(' ')[1] ?? '');
  const sent = (await sentWrites(reader)).filter((name) => !isOfOperation(name));
  assert.equal(sent.join(), '', 'writes that were sent');
}

function writesThat({ writes }: Recording, ...expected: readonly Expectation[]): readonly RecordedWrite[] {
  const found = writes.filter((recorded) => expected.includes(recorded.expected));
  assert.notEqual(found.length, 0, 'Nothing was recorded.');
  return found;
}

async function replays({ reader, recording }: Reading): Promise<void> {
  for (const recorded of writesThat(recording, 'replayed')) {
    // A precondition in a header belongs to its transport.
    const transports = recorded.headers ? [recorded.transport] : TRANSPORTS;
    for (const transport of transports) {
      const outcome = await sendRecorded(reader, recorded, transport);
      assertReplayed(recorded, transport, outcome);
      if (recorded.outcome === undefined) continue;
      const now = stableOutcome(outcome);
      if (transport === recorded.transport)
        assert.partialDeepStrictEqual(now, recorded.outcome, recorded.name);
      else assert.equal(now.code, recorded.outcome.code, recorded.name);
    }
  }
}

async function refusesOthers({ reader, recording }: Reading): Promise<void> {
  for (const recorded of writesThat(recording, 'replayed', 'sent')) {
    if (recorded.write !== UPDATE.name) continue;
    const { error } = await sendRecorded(reader, { ...recorded, content: { description: 'another' } });
    assert.equal(error?.code, 'IDEMPOTENCY_KEY_REUSED', recorded.name);
  }
}

async function inFlight({ reader, recording }: Reading): Promise<void> {
  for (const recorded of writesThat(recording, 'started', 'sent', 'applied'))
    for (const transport of TRANSPORTS) {
      const { error } = await sendRecorded(reader, recorded, transport);
      assert.partialDeepStrictEqual(error, { code: 'IDEMPOTENCY_IN_FLIGHT', status: 409 }, recorded.name);
    }
}

async function locked({ reader, recording }: Reading): Promise<void> {
  const [sent] = writesThat(recording, 'sent');
  const ofGroup = await ask(reader, 'REST', UPDATE, { ...sent!.target, subject: 'Not while it is locked' });
  assert.equal(ofGroup.error?.code, 'OVERLOADED', 'the lock of the group');
  const renaming = await ask(reader, 'REST', CREATE, sent!.target);
  assert.equal(renaming.error?.code, 'CONFLICT', 'the lock of the new subject of an update');
  const { id, subject } = recording.operations.kept;
  for (const transport of TRANSPORTS) {
    const { error } = await ask(reader, transport, CREATE, { ...ACME, groupId: '', subject });
    const expected = { code: 'CONFLICT', operationId: id };
    assert.partialDeepStrictEqual(error, expected, 'the lock of the subject of an operation');
  }
}

async function usedUp({ reader }: Reading): Promise<void> {
  const [group] = await reader.sandbox.groups(GLOBEX);
  const target = { ...GLOBEX, groupId: group?.groupId ?? '' };
  const deleted = await ask(reader, 'REST', DELETE, target, { key: keyOf('globex') });
  assert.equal(deleted.error?.code, 'RATE_LIMITED', 'deletes');
  const { status } = await reader.rest('/v1/viewer', { key: keyOf('initech') });
  assert.equal(status, 429, 'requests');
}

async function free({ reader }: Reading): Promise<void> {
  assert.equal((await reader.rest('/v1/viewer', { key: keyOf('initech') })).status, 200);
}

async function shows({ reader, recording }: Reading): Promise<void> {
  const ids = Object.values(recording.operations).map(({ id }) => id);
  for (const recorded of Object.values(recording.operations)) {
    const { body } = await reader.rest(`/v1/operations/${recorded.id}`);
    assert.partialDeepStrictEqual(body, recorded);
    const query = 'query ($id: ID!) { operation(id: $id) { id subject status } }';
    const { body: found } = await reader.graphql(query, { id: recorded.id });
    assert.deepEqual(found.data?.operation, recorded);
  }
  const { body } = await reader.rest('/v1/operations?size=100');
  const { body: found } = await reader.graphql('{ operations(first: 100) { nodes { id } } }');
  for (const listed of [body.data, found.data?.operations.nodes] as { id: string }[][]) {
    const missing = ids.filter((id) => !listed.some((one) => one.id === id));
    assert.deepEqual(missing, []);
  }
}

async function reconciles(reading: Reading): Promise<void> {
  const { reader, recording } = reading;
  for (const recorded of writesThat(recording, 'reconciled')) {
    if (recorded.write === CREATE.name) await list(reading, recorded.target.subject ?? '');
    const outcome = await eventually(async () => {
      await lookAgain(reading);
      const found = await sendRecorded(reader, recorded);
      return found.error?.code === 'OUTCOME_UNKNOWN' ? undefined : found;
    });
    assert.equal(outcome.error, undefined, recorded.name);
    for (const transport of TRANSPORTS)
      assertReplayed(recorded, transport, await sendRecorded(reader, recorded, transport));
  }
  for (const recorded of writesThat(recording, 'undecided')) {
    const { error } = await sendRecorded(reader, recorded);
    const expected = { code: 'OUTCOME_UNKNOWN', retryable: true };
    assert.partialDeepStrictEqual(error, expected, recorded.name);
  }
}

/** A group that existed before is not taken for the new one, even if it gets the subject. */
async function finds(reading: Reading): Promise<void> {
  const { reader, recording } = reading;
  const { id, subject } = recording.operations['found later'];
  const known = recording.writes.find(({ name }) => name === 'update a group over REST');
  await reader.sandbox.changeGroup({ op: 'update', groupId: known?.target.groupId, subject });
  const groupId = await list(reading, subject);
  const found = await eventually(async () => {
    await lookAgain(reading);
    const { body } = await reader.rest(`/v1/operations/${id}`);
    return body.status === 'PENDING' ? undefined : body;
  });
  assert.deepEqual([found.status, found.chatGroup?.groupId], ['SUCCEEDED', groupId]);
}

async function closes(reading: Reading): Promise<void> {
  const { reader, recording } = reading;
  await unsent(reading, async () => {
    const { id } = recording.operations['closed later'];
    const { body } = await reader.rest(`/v1/operations/${id}/close`, { method: 'POST' });
    assert.equal(body.status, 'UNRESOLVED');
    const query = `mutation ($id: ID!) { closeChatGroupOperation(input: { id: $id }) { operation { status } } }`;
    const closed = await reader.graphql(query, { id: recording.operations.kept.id });
    assert.equal(closed.body.data?.closeChatGroupOperation.operation.status, 'UNRESOLVED');
  });
  // Its subject can be used again.
  const target = { ...ACME, groupId: '', subject: recording.operations.kept.subject };
  assert.equal((await ask(reader, 'REST', CREATE, target)).error, undefined);
}

async function settles({ reader, recording }: Reading): Promise<void> {
  for (const recorded of writesThat(recording, 'sent', 'undecided')) {
    // The same link as before does not show that no other was created or deleted meanwhile.
    const ofLink = recorded.write.endsWith('invite link');
    const code = ofLink ? 'OUTCOME_UNKNOWN' : 'UPSTREAM_UNAVAILABLE';
    for (const transport of TRANSPORTS) {
      const { error } = await settled(reader, recorded, transport, ofLink);
      assert.partialDeepStrictEqual(error, { code, retryable: ofLink }, recorded.name);
    }
  }
  for (const recorded of writesThat(recording, 'applied'))
    for (const transport of TRANSPORTS)
      assertReplayed(recorded, transport, await settled(reader, recorded, transport));
}

/** Repeats a request while another process looks for its group. */
function settled(
  reader: Side,
  recorded: RecordedWrite,
  transport: Transport,
  retryable = false,
): Promise<KeyedOutcome> {
  return eventually(async () => {
    const outcome = await sendRecorded(reader, recorded, transport);
    return outcome.error?.retryable === true && !retryable ? undefined : outcome;
  });
}

async function executes({ reader, recording }: Reading): Promise<void> {
  for (const recorded of writesThat(recording, 'started')) {
    await reader.sandbox.forgetCalls();
    const outcome = await sendRecorded(reader, recorded);
    assert.deepEqual([outcome.error, outcome.replayed], [undefined, false], recorded.name);
    const sent = (await sentWrites(reader)).filter((name) => name.startsWith('UpdateChatGroup '));
    assert.equal(sent.join(), `UpdateChatGroup ${recorded.target.groupId}`);
  }
}

async function ends({ reader, recording }: Reading): Promise<void> {
  const { id } = recording.operations['closed later'];
  await eventually(async () => {
    const { body } = await reader.rest(`/v1/operations/${id}`);
    return body.status === 'UNRESOLVED' || undefined;
  });
}

/** Adds a group as if CAMS listed it only now. Returns its ID. */
async function list({ reader }: Reading, subject: string): Promise<string> {
  return (await reader.sandbox.changeGroup({ op: 'create', ...ACME, subject })).groupId;
}

/** Ends the pauses between lookups, which loading has extended. */
async function lookAgain({ stage, recording }: Reading): Promise<void> {
  const pauses = recording.keys.map(({ key }) => key).filter((key) => key.startsWith('cgs:t:'));
  if (pauses.length > 0) await stage.state.del(...pauses);
}

function assertReplayed({ name }: RecordedWrite, transport: Transport, outcome: KeyedOutcome): void {
  assert.ok(outcome.replayed, `${name} is not replayed over ${transport}: ${outcome.answer.text}`);
}
