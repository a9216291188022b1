import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { ACME, GLOBEX_KEY, type Json, type TestGateway } from '../support/gateway.js';
import { type KeyedOutcome, askWithKey, newKey, newSubject, writeNamed } from '../support/keyed-writes.js';
import { type Outcome, TRANSPORTS, type Transport, ask } from '../support/operations.js';
import { type WriteReplicas, startWriteReplicas } from '../support/write-replicas.js';

const REPLICAS = 3;
const CREATES = 50;
/** Longer than all requests take to arrive. */
const SLOW_MS = 1_500;
/** Longer than a create request looks for its group, shorter than the window of its operation. */
const LATE_MS = 2_000;
const SETTINGS = { CREATE_RESOLVE_TIMEOUT_MS: '500', OPERATION_WINDOW_MS: '5000' };

const CREATE = writeNamed('create a group');

let replicas: WriteReplicas;

beforeAll(async () => {
  replicas = await startWriteReplicas(REPLICAS, SETTINGS);
});
afterAll(() => replicas.close());
beforeEach(async () => {
  await replicas.at(0).sandbox.reset();
  await replicas.at(0).sandbox.behave({ unlistedMs: 0 });
});

function create(gateway: TestGateway, transport: Transport, subject: string): Promise<Outcome> {
  return ask(gateway, transport, CREATE, { ...ACME, groupId: '', subject });
}

function createWithKey(gateway: TestGateway, subject: string, key: string): Promise<KeyedOutcome> {
  return askWithKey(gateway, 'REST', CREATE, { ...ACME, groupId: '', subject }, key);
}

async function groupsOf(subject: string): Promise<string[]> {
  const groups = await replicas.at(0).sandbox.groups(ACME);
  return groups.filter((group) => group.subject === subject).map(({ groupId }) => groupId);
}

/** Polls the operation through the given gateway and returns it once it is no longer pending. */
async function settled(gateway: TestGateway, id: string): Promise<Json> {
  return eventually(async () => {
    const { body } = await gateway.rest(`/v1/operations/${id}`);
    return body.status === 'PENDING' ? undefined : body;
  });
}

describe.each(TRANSPORTS)('over %s', (transport) => {
  it('creates exactly the reported groups for 50 requests with one subject and names the operation in conflicts', async () => {
    await replicas.at(0).sandbox.fault({ action: 'AddChatGroup', kind: 'latency', ms: SLOW_MS });
    const subject = newSubject();
    const outcomes = await Promise.all(
      Array.from({ length: CREATES }, (_, index) => create(replicas.at(index), transport, subject)),
    );
    const made = outcomes.filter(({ error }) => error === undefined);
    const refused = outcomes.filter(({ error }) => error !== undefined);
    const groups = await groupsOf(subject);
    expect(groups).toHaveLength(made.length);
    expect(await replicas.at(0).sandbox.calls('AddChatGroup')).toHaveLength(made.length);
    const named = new Set<string>();
    for (const { answer, error } of refused) {
      expect(error).toMatchObject({ code: 'CONFLICT', status: 409, retryable: true });
      if (transport === 'REST') expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      named.add(error.operationId);
    }
    expect(named.size).toBeGreaterThan(0);
    for (const id of named) {
      const operation = await settled(replicas.at(1), id);
      expect(operation.status).toBe('SUCCEEDED');
      expect(groups).toContain(operation.chatGroup.groupId);
    }
  });

  it('creates 50 groups with distinct IDs for 50 subjects', async () => {
    const subjects = Array.from({ length: CREATES }, newSubject);
    const outcomes = await Promise.all(
      subjects.map((subject, index) => create(replicas.at(index), transport, subject)),
    );
    const ids = new Set<string>();
    for (const [index, { data, error }] of outcomes.entries()) {
      expect(error).toBeUndefined();
      const group = transport === 'REST' ? data : data.chatGroup;
      expect(await groupsOf(subjects[index] ?? '')).toEqual([group.groupId]);
      ids.add(group.groupId);
    }
    expect(ids.size).toBe(CREATES);
  });
});

describe('an operation', () => {
  it('that is pending on one replica can be read, and blocks its subject, on another', async () => {
    await replicas.at(0).sandbox.behave({ unlistedMs: LATE_MS });
    const subject = newSubject();
    const { answer } = await create(replicas.at(0), 'REST', subject);
    expect(answer.status).toBe(202);
    const { id } = answer.body;
    const read = await replicas.at(1).rest(`/v1/operations/${id}`);
    expect([read.status, read.body.status]).toEqual([200, 'PENDING']);
    const foreign = await replicas.at(1).rest(`/v1/operations/${id}`, { key: GLOBEX_KEY });
    expect([foreign.status, foreign.body.code]).toEqual([404, 'NOT_FOUND']);
    const again = await create(replicas.at(2), 'REST', subject);
    expect(again.error).toMatchObject({ code: 'CONFLICT', operationId: id });
    const done = await settled(replicas.at(2), id);
    expect(done).toMatchObject({ status: 'SUCCEEDED', chatGroup: { subject } });
    expect(await groupsOf(subject)).toEqual([done.chatGroup.groupId]);
    await replicas.at(0).sandbox.behave({ unlistedMs: 0 });
    expect((await create(replicas.at(1), 'REST', subject)).answer.status).toBe(201);
  });

  it('with an idempotency key is pending at first and returns its group to a retry on another replica', async () => {
    await replicas.at(0).sandbox.behave({ unlistedMs: LATE_MS });
    const [subject, key] = [newSubject(), newKey()];
    const first = await createWithKey(replicas.at(0), subject, key);
    expect(first.answer.status).toBe(202);
    const again = await eventually(async () => {
      const outcome = await createWithKey(replicas.at(1), subject, key);
      return outcome.answer.status === 202 ? undefined : outcome;
    });
    expect([again.answer.status, again.replayed, again.data.subject]).toEqual([201, true, subject]);
    expect(await groupsOf(subject)).toEqual([again.data.groupId]);
  });

  it('becomes unresolved on every replica at the end of its window and releases its subject', async () => {
    await replicas.at(0).sandbox.behave({ unlistedMs: 60_000 });
    const subject = newSubject();
    const { body } = (await create(replicas.at(0), 'REST', subject)).answer;
    expect((await settled(replicas.at(1), body.id)).status).toBe('UNRESOLVED');
    expect((await settled(replicas.at(2), body.id)).status).toBe('UNRESOLVED');
    await replicas.at(0).sandbox.behave({ unlistedMs: 0 });
    expect((await create(replicas.at(2), 'REST', subject)).answer.status).not.toBe(409);
  });

  it('whose AddChatGroup response was lost is resolved by a retry on another replica', async () => {
    await replicas.at(0).sandbox.behave({ unlistedMs: LATE_MS });
    await replicas.at(0).sandbox.fault({ action: 'AddChatGroup', kind: 'reset-after-apply', count: 1 });
    const [subject, key] = [newSubject(), newKey()];
    const first = await createWithKey(replicas.at(0), subject, key);
    expect(first.error).toMatchObject({ code: 'OUTCOME_UNKNOWN', retryable: true });
    const again = await eventually(async () => {
      const outcome = await createWithKey(replicas.at(1), subject, key);
      return outcome.error ? undefined : outcome;
    });
    expect([again.answer.status, again.replayed]).toEqual([201, true]);
    expect(await groupsOf(subject)).toEqual([again.data.groupId]);
    expect(await replicas.at(0).sandbox.calls('AddChatGroup')).toHaveLength(1);
  });
});

describe('a replica that shuts down', () => {
  it.each([false, true])(
    'leaves its operation to the other replicas, with invite link: %s',
    async (withInviteLink) => {
      const two = await startWriteReplicas(2, SETTINGS);
      try {
        const [first, second] = [two.at(0), two.at(1)];
        await first.sandbox.behave({ unlistedMs: LATE_MS });
        const subject = newSubject();
        const { path, method, body } = CREATE.rest({ ...ACME, groupId: '', subject });
        const pending = await first.rest(path, { method, body: { ...(body as object), withInviteLink } });
        expect(pending.status).toBe(202);
        await first.close();
        const done = await settled(second, pending.body.id);
        expect(done).toMatchObject({ status: 'SUCCEEDED', chatGroup: { subject } });
        expect(typeof done.chatGroup.inviteLink).toBe(withInviteLink ? 'string' : 'object');
        const links = await second.sandbox.calls('AddChatGroupInviteLink');
        expect(links).toHaveLength(withInviteLink ? 1 : 0);
      } finally {
        await two.close();
      }
    },
  );
});
