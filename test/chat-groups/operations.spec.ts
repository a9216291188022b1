import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ACME, READONLY_KEY, type TestGateway, startTestGateway } from '../support/gateway.js';
import {
  MEMBER,
  NEW_SUBJECT,
  OPERATIONS,
  type OperationCase,
  TRANSPORTS,
  type Target,
  arrangeGroup,
  ask,
  learn,
  operation,
} from '../support/operations.js';

let gateway: TestGateway;
let target: Target;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

beforeEach(async () => {
  await gateway.sandbox.reset();
  target = await arrangeGroup(gateway, ACME);
  await learn(gateway, target);
  await gateway.sandbox.forgetCalls();
});

/** Upstream calls of each operation on a known group, in order. */
const UPSTREAM: Record<string, readonly string[]> = {
  'list groups': ['ListChatGroup'],
  'read a group': ['ListChatGroup'],
  'read a node': ['ListChatGroup'],
  'list members': ['ListChatGroupParticipants'],
  'create a group': ['ListChatGroup', 'AddChatGroup', 'ListChatGroup'],
  'update a group': ['UpdateChatGroup', 'ListChatGroup'],
  'delete a group': ['DeleteChatGroup'],
  'create an invite link': ['AddChatGroupInviteLink', 'ListChatGroup'],
  'delete the invite link': ['DeleteChatGroupInviteLink', 'ListChatGroup'],
  'remove members': ['ListChatGroupParticipants', 'DeleteChatGroupParticipants', 'ListChatGroup'],
};

describe.each(TRANSPORTS)('over %s', (transport) => {
  it.each(OPERATIONS)('can $name with exactly the expected upstream calls', async (one) => {
    const { answer, data, error } = await ask(gateway, transport, one, target);
    expect(error).toBeUndefined();
    expect(answer.status).toBe(transport === 'REST' ? one.restStatus : 200);
    if (!(transport === 'REST' && one.restStatus === 204)) expect(data).toBeDefined();
    // In GraphQL members are a field of the group, so the group is read first.
    const group = transport === 'GraphQL' && one.name === 'list members' ? ['ListChatGroup'] : [];
    expect(await gateway.sandbox.actions()).toEqual([...group, ...(UPSTREAM[one.name] ?? [])]);
  });

  it.each(OPERATIONS.filter(({ kind }) => kind === 'write'))(
    'reports the coherence and request IDs of a write: $name',
    async (one) => {
      const { answer, data } = await ask(gateway, transport, one, target);
      const coherence = transport === 'REST' ? answer.headers.get('coherence') : data.coherence;
      expect(coherence).toBe(transport === 'REST' ? 'coherent' : 'COHERENT');
      const upstreamId =
        transport === 'REST' ? answer.headers.get('x-upstream-request-id') : data.upstreamRequestId;
      expect(upstreamId).toMatch(/^\S+$/);
      const requestId = answer.headers.get('x-request-id');
      expect(requestId).toBeTruthy();
      if (transport === 'GraphQL') expect(data.requestId).toBe(requestId);
    },
  );

  it.each(OPERATIONS.filter(({ permission }) => permission !== 'groups:read'))(
    'returns FORBIDDEN without the permission: $name',
    async (one) => {
      const { answer, error } = await ask(gateway, transport, one, target, { key: READONLY_KEY });
      expect(error).toMatchObject({ code: 'FORBIDDEN', status: 403, retryable: false });
      expect(answer.status).toBe(transport === 'REST' ? 403 : 200);
      const actions = await gateway.sandbox.actions();
      expect(actions.filter((action) => action !== 'ListChatGroup')).toEqual([]);
    },
  );

  it('returns an updated group on the next read', async () => {
    await ask(gateway, transport, operation('update a group'), target);
    const { data } = await ask(gateway, transport, operation('read a group'), target);
    expect(data).toMatchObject({ groupId: target.groupId, subject: NEW_SUBJECT, status: 'ACTIVE', ...ACME });
  });

  it('finds the group that a create request made', async () => {
    const { data } = await ask(gateway, transport, operation('create a group'), target);
    const group = transport === 'REST' ? data : data.chatGroup;
    const there = await gateway.sandbox.groups(ACME);
    expect(there.find(({ subject }) => subject === NEW_SUBJECT)?.groupId).toBe(group.groupId);
    const { data: read } = await ask(gateway, transport, operation('read a group'), {
      ...target,
      groupId: group.groupId,
    });
    expect(read.subject).toBe(NEW_SUBJECT);
  });

  it('returns NOT_FOUND for a deleted group', async () => {
    await ask(gateway, transport, operation('delete a group'), target);
    for (const name of ['read a group', 'delete a group', 'update a group']) {
      const { error } = await ask(gateway, transport, operation(name), target);
      expect(error).toMatchObject({ code: 'NOT_FOUND', status: 404 });
    }
  });

  it('returns NOT_FOUND for a write that affected no row', async () => {
    await ask(gateway, transport, operation('delete the invite link'), target);
    const again = await ask(gateway, transport, operation('delete the invite link'), target);
    expect(again.error).toMatchObject({ code: 'NOT_FOUND' });
    expect(again.error.upstreamRequestId).toMatch(/^\S+$/);
  });

  it('reports how many members were removed and which were not', async () => {
    const stranger = '8613700000011';
    const remove: OperationCase = {
      ...operation('remove members'),
      rest: (of) => ({ ...operation('remove members').rest(of), body: { phoneNumbers: [MEMBER, stranger] } }),
      graphql: (of) => {
        const { query, variables } = operation('remove members').graphql(of);
        return {
          query,
          variables: { input: { ...(variables['input'] as object), phoneNumbers: [MEMBER, stranger] } },
        };
      },
    };
    const { data } = await ask(gateway, transport, remove, target);
    expect(data).toMatchObject({ removedCount: 1, notRemoved: [stranger] });
    const nobody = await ask(gateway, transport, remove, target);
    expect(nobody.error).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('hides the invite link from callers without the permission', async () => {
    const { data } = await ask(gateway, transport, operation('read a group'), target, { key: READONLY_KEY });
    expect(data.groupId).toBe(target.groupId);
    expect(data.inviteLink).toBeNull();
    const { data: full } = await ask(gateway, transport, operation('read a group'), target);
    expect(full.inviteLink).toMatch(/^https:\/\/chat\.whatsapp\.com\//);
  });
});

describe('conditional requests', () => {
  const path = (): string => operation('read a group').rest(target).path;

  it('returns 304 for a current ETag and 200 after a change', async () => {
    for (const url of [path(), operation('list groups').rest(target).path]) {
      const tag = (await gateway.rest(url)).headers.get('etag') ?? '';
      expect(tag).toMatch(/^"[\w-]+"$/);
      for (const header of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
        const again = await gateway.rest(url, { headers: { 'if-none-match': header } });
        expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', tag]);
      }
    }
    const tag = (await gateway.rest(path())).headers.get('etag') ?? '';
    await ask(gateway, 'REST', operation('update a group'), target);
    expect((await gateway.rest(path(), { headers: { 'if-none-match': tag } })).status).toBe(200);
  });

  it('returns different ETags with and without invite links', async () => {
    const own = await gateway.rest(path());
    const masked = await gateway.rest(path(), { key: READONLY_KEY });
    expect(masked.headers.get('etag')).not.toBe(own.headers.get('etag'));
  });

  it('writes if If-Match matches and returns 412 otherwise', async () => {
    const tag = (await gateway.rest(path())).headers.get('etag') ?? '';
    const patch = (header: string, subject: string): ReturnType<TestGateway['rest']> =>
      gateway.rest(path(), { method: 'PATCH', body: { subject }, headers: { 'if-match': header } });
    const first = await patch(tag, 'First');
    expect(first.status).toBe(200);
    await gateway.sandbox.forgetCalls();
    const second = await patch(tag, 'Second');
    expect([second.status, second.body.code]).toEqual([412, 'PRECONDITION_FAILED']);
    const remove = await gateway.rest(path(), { method: 'DELETE', headers: { 'if-match': tag } });
    expect(remove.status).toBe(412);
    expect(await gateway.sandbox.actions()).toEqual(['ListChatGroup', 'ListChatGroup']);
    expect((await patch('*', 'Third')).status).toBe(200);
    expect((await patch(`W/${tag}`, 'Weak')).status).toBe(412);
    expect((await patch(`W/${(await gateway.rest(path())).headers.get('etag')}`, 'Weak')).status).toBe(200);
    expect((await patch('nonsense', 'Fourth')).status).toBe(400);
  });

  it('evaluates If-Match against the upstream state, not against its own writes', async () => {
    const tag = (await gateway.rest(path())).headers.get('etag') ?? '';
    await gateway.sandbox.changeGroup({ op: 'update', groupId: target.groupId, subject: 'Changed outside' });
    const remove = await gateway.rest(path(), { method: 'DELETE', headers: { 'if-match': tag } });
    expect(remove.status).toBe(412);
    expect((await gateway.sandbox.groups(ACME)).some(({ groupId }) => groupId === target.groupId)).toBe(true);
  });

  it('lets exactly one of two concurrent writes with the same ETag succeed', async () => {
    const tag = (await gateway.rest(path())).headers.get('etag') ?? '';
    const patches = ['One', 'Two'].map((subject) =>
      gateway.rest(path(), { method: 'PATCH', body: { subject }, headers: { 'if-match': tag } }),
    );
    const statuses = (await Promise.all(patches)).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([200, 412]);
  });
});
