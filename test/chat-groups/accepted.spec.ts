import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { ACME, type Json, type TestGateway, startTestGateway } from '../support/gateway.js';
import {
  MEMBER,
  type OperationCase,
  type Outcome,
  TRANSPORTS,
  type Target,
  type Transport,
  arrangeGroup,
  ask,
  learn,
  operation,
} from '../support/operations.js';

/** How long a write looks successful before WhatsApp undoes it. */
const LATER_MS = 1_500;
const OTHER_MEMBER = '8613700000098';
const PARTLY_DONE = { kind: 'reject', code: '131201', message: 'Partial failure', count: 1 };

let gateway: TestGateway;
let target: Target;
/** The subject that the next write sets; none is used twice, because a create operation locks its subject. */
let newSubject: string;
let subjects = 0;

beforeAll(async () => {
  gateway = await startTestGateway({ CREATE_RESOLVE_TIMEOUT_MS: '250' });
});
afterAll(() => gateway.close());
beforeEach(async () => {
  await gateway.sandbox.reset();
  subjects += 1;
  newSubject = `Kyoto ${subjects}`;
  target = { ...(await arrangeGroup(gateway, ACME)), subject: newSubject };
  await gateway.sandbox.changeGroup({ op: 'update', groupId: target.groupId, description: 'Before' });
  await learn(gateway, target);
});

describe.each(TRANSPORTS)('over %s', (transport) => {
  describe('a write that WhatsApp undoes later', () => {
    it('was shown as done if it updated a group, and lists show when it is undone', async () => {
      await later('UpdateChatGroup');
      const { error, answer, data } = await run(transport, 'update a group');
      expect(error).toBeUndefined();
      expect(answer.status).toBe(200);
      expect(groupOf(transport, data).subject).toBe(newSubject);
      expect(await listedSubject(transport)).toBe(newSubject);
      await until(async () => (await listedSubject(transport)) === 'Arranged');
    });

    it('can be undone for one field of an update alone', async () => {
      await later('UpdateChatGroup', { fields: ['Description'] });
      const path = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups/${target.groupId}`;
      const body = { subject: newSubject, description: 'After' };
      expect((await gateway.rest(path, { method: 'PATCH', body })).body).toMatchObject(body);
      await until(async () => (await gateway.rest(path)).body.description === 'Before');
      expect((await gateway.rest(path)).body.subject).toBe(newSubject);
    });

    it('was shown as done if it removed members, and they are listed again when it is undone', async () => {
      await later('DeleteChatGroupParticipants', { members: [MEMBER] });
      const { data } = await run(transport, 'remove members');
      expect(data).toMatchObject({ removedCount: 1, notRemoved: [] });
      expect(await memberIds(transport)).toEqual([OTHER_MEMBER]);
      await until(async () => (await memberIds(transport)).length === 2);
      expect(await memberIds(transport)).toEqual([MEMBER, OTHER_MEMBER]);
    });
  });

  describe('an update that CAMS does not show', () => {
    it('yet is accepted, with the whole group, the new values and the status UPDATING', async () => {
      await gateway.sandbox.behave({ listLagMs: 60_000 });
      await learn(gateway, target);
      const { answer, data } = await run(transport, 'update a group');
      expect(answer.status).toBe(transport === 'REST' ? 202 : 200);
      expect(groupOf(transport, data)).toMatchObject({
        subject: newSubject,
        status: 'UPDATING',
        custSpaceId: ACME.custSpaceId,
      });
    });

    it('because it no longer lists the group is accepted, with the group as it was last listed', async () => {
      const before = groupOf(transport, (await run(transport, 'read a group')).data);
      await gateway.sandbox.changeGroup({ op: 'delete', groupId: target.groupId });
      const body = JSON.stringify({ Code: 'OK', Result: 1 });
      await gateway.sandbox.fault({ kind: 'raw', action: 'UpdateChatGroup', body });
      const { error, data } = await run(transport, 'update a group');
      expect(error).toBeUndefined();
      expect(groupOf(transport, data)).toEqual({ ...before, subject: newSubject, status: 'UPDATING' });
    });

    it('because it cannot be read is accepted, with the group as it was last listed', async () => {
      const before = groupOf(transport, (await run(transport, 'read a group')).data);
      await gateway.sandbox.fault({ kind: 'http500', action: 'ListChatGroup' });
      const { answer, data } = await run(transport, 'update a group');
      expect(answer.status).toBe(transport === 'REST' ? 202 : 200);
      expect(groupOf(transport, data)).toEqual({ ...before, subject: newSubject, status: 'UPDATING' });
    });
  });

  it.each(['create an invite link', 'delete the invite link', 'remove members'])(
    'shows the whole group if it cannot be read after the write: %s',
    async (name) => {
      const before = groupOf('GraphQL', (await run('GraphQL', 'read a group')).data);
      await gateway.sandbox.fault({ kind: 'http500', action: 'ListChatGroup' });
      const { error, data } = await run('GraphQL', name);
      expect(error).toBeUndefined();
      const { inviteLink } = data.chatGroup;
      expect(groupOf('GraphQL', data)).toEqual({ ...before, inviteLink });
    },
  );

  it('is unknown if CAMS says that it removed more members than its list shows', async () => {
    const answer = JSON.stringify({ Code: 'OK', Result: 1 });
    await gateway.sandbox.fault({ kind: 'raw', action: 'DeleteChatGroupParticipants', body: answer });
    const body = { phoneNumbers: [MEMBER, OTHER_MEMBER] };
    const path = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups/${target.groupId}`;
    const headers = { 'idempotency-key': `late-list-${transport}` };
    const send = async (): Promise<Outcome['answer']> =>
      gateway.rest(`${path}/participants/remove`, { method: 'POST', body, headers });
    expect((await send()).body).toMatchObject({ code: 'OUTCOME_UNKNOWN', retryable: true });
    await gateway.sandbox.changeMember({ op: 'leave', groupId: target.groupId, phoneNumber: MEMBER });
    expect((await send()).body).toEqual({ removedCount: 1, notRemoved: [OTHER_MEMBER] });
    expect(await gateway.sandbox.calls('DeleteChatGroupParticipants')).toHaveLength(1);
  });

  describe('a write that WhatsApp executed in part', () => {
    it('succeeds with what is read back if it updated a group', async () => {
      await gateway.sandbox.fault({ ...PARTLY_DONE, action: 'UpdateChatGroup' });
      // The part that WhatsApp executed.
      await gateway.sandbox.changeGroup({ op: 'update', groupId: target.groupId, description: 'New' });
      const { error, answer, data } = await run(transport, 'update a group');
      expect(error).toBeUndefined();
      expect(answer.status).toBe(transport === 'REST' ? 202 : 200);
      expect(groupOf(transport, data)).toMatchObject({
        subject: 'Arranged',
        description: 'New',
        status: 'ACTIVE',
      });
    });

    it('succeeds with those that are left if it removed members', async () => {
      const both = withBody(operation('remove members'), { phoneNumbers: [MEMBER, OTHER_MEMBER] });
      await gateway.sandbox.fault({
        kind: 'latency',
        ms: 200,
        action: 'DeleteChatGroupParticipants',
        count: 1,
      });
      await gateway.sandbox.fault({ ...PARTLY_DONE, action: 'DeleteChatGroupParticipants' });
      const asked = ask(gateway, transport, both, target);
      await until(async () => (await gateway.sandbox.calls('DeleteChatGroupParticipants')).length === 1);
      await gateway.sandbox.changeMember({ op: 'leave', groupId: target.groupId, phoneNumber: MEMBER });
      expect((await asked).data).toMatchObject({ removedCount: 1, notRemoved: [OTHER_MEMBER] });
    });

    it.each([
      ['delete a group', 'DeleteChatGroup'],
      ['delete the invite link', 'DeleteChatGroupInviteLink'],
    ])('succeeds if CAMS shows that it took effect, and is unknown otherwise: %s', async (name, action) => {
      await gateway.sandbox.fault({ ...PARTLY_DONE, action });
      expect((await run(transport, name)).error).toMatchObject({
        code: 'OUTCOME_UNKNOWN',
        upstreamCode: '131201',
      });
      await gateway.sandbox.fault({ kind: 'latency', ms: 1_500, action, count: 1 });
      await gateway.sandbox.fault({ ...PARTLY_DONE, action });
      const asked = run(transport, name);
      await until(async () => (await gateway.sandbox.calls(action)).length === 2);
      const { groupId } = target;
      const effect = name === 'delete a group' ? { op: 'delete' } : { op: 'update', inviteLink: null };
      await gateway.sandbox.changeGroup({ ...effect, groupId });
      expect((await asked).error).toBeUndefined();
    });

    it('succeeds with the new link if it created an invite link', async () => {
      await gateway.sandbox.fault({ kind: 'latency', ms: 1_500, action: 'AddChatGroupInviteLink', count: 1 });
      await gateway.sandbox.fault({ ...PARTLY_DONE, action: 'AddChatGroupInviteLink' });
      const asked = run(transport, 'create an invite link');
      await until(async () => (await gateway.sandbox.calls('AddChatGroupInviteLink')).length === 1);
      const { groupId } = target;
      const { inviteLink } = await gateway.sandbox.changeGroup({ op: 'update', groupId, inviteLink: true });
      const { data } = await asked;
      expect((data.chatGroup ?? data).inviteLink).toBe(inviteLink);
    });

    it('is pending if it created a group that is not listed yet', async () => {
      await gateway.sandbox.fault({ ...PARTLY_DONE, action: 'AddChatGroup' });
      const { error, data } = await run(transport, 'create a group');
      expect(error).toBeUndefined();
      const id = transport === 'REST' ? data.id : data.operation.id;
      expect((await gateway.rest(`/v1/operations/${id}`)).body).toMatchObject({ status: 'PENDING' });
    });
  });
});

it.each([
  ['deleted', 'DeleteChatGroup', 'delete a group'],
  ['renamed', 'UpdateChatGroup', 'update a group'],
])('does not take a group that was %s, and is listed again, for a new one', async (_what, action, name) => {
  const subject = `Old ${subjects}`;
  await gateway.sandbox.changeGroup({ op: 'update', groupId: target.groupId, subject });
  await later(action);
  await run('REST', name);
  await gateway.sandbox.behave({ unlistedMs: 60_000 });
  const { answer } = await ask(gateway, 'REST', operation('create a group'), { ...target, subject });
  expect(answer.status).toBe(202);
  const isBack = async (): Promise<boolean> =>
    (await gateway.sandbox.groups(ACME)).some(
      (group) => group.subject === subject && group.groupId === target.groupId,
    );
  await until(isBack);
  // Long enough for a few lookups.
  await sleep(3_000);
  const polled = await gateway.rest(`/v1/operations/${answer.body.id}`);
  expect(polled.body).toMatchObject({ status: 'PENDING', chatGroup: null });
});

it('shows the unique code of CAMS in the create operation', async () => {
  await gateway.sandbox.behave({ unlistedMs: 60_000 });
  const { answer } = await run('REST', 'create a group');
  expect(answer.status).toBe(202);
  expect(answer.body.uniqueCode).toMatch(/^[0-9a-f]{32}$/);
  const polled = await gateway.rest(`/v1/operations/${answer.body.id}`);
  expect(polled.body.uniqueCode).toBe(answer.body.uniqueCode);
});

async function until(isMet: () => Promise<boolean>): Promise<void> {
  await eventually(async () => (await isMet()) || undefined);
}

/** Returns the operation with another body or input. */
function withBody(one: OperationCase, body: Readonly<Record<string, unknown>>): OperationCase {
  return {
    ...one,
    rest: (of) => ({ ...one.rest(of), body }),
    graphql(of) {
      const { query, variables } = one.graphql(of);
      return { query, variables: { input: { ...(variables['input'] as object), ...body } } };
    },
  };
}

async function run(transport: Transport, name: string): Promise<Outcome> {
  return ask(gateway, transport, operation(name), target);
}

async function later(action: string, what: Readonly<Record<string, readonly string[]>> = {}): Promise<void> {
  await gateway.sandbox.fault({ kind: 'fails-later', action, ms: LATER_MS, ...what });
}

/**
 * Returns the group of a response, without the entity tag that only GraphQL has as a field: the body in REST, a field of a
 * mutation, or the result of a query.
 */
function groupOf(transport: Transport, data: Json): Json {
  const { etag: _, ...group } = transport === 'REST' ? data : (data.chatGroup ?? data);
  return group;
}

async function listedSubject(transport: Transport): Promise<string> {
  return groupOf(transport, (await run(transport, 'read a group')).data).subject;
}

async function memberIds(transport: Transport): Promise<string[]> {
  const { data } = await run(transport, 'list members');
  return (transport === 'REST' ? data.data : data.participants).map((member: Json) => member.id);
}
