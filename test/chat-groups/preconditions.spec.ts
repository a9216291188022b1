import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ACME, READONLY_KEY, type TestGateway, startTestGateway } from '../support/gateway.js';
import { eventually } from '../support/eventually.js';
import { newKey } from '../support/keyed-writes.js';
import {
  OPERATIONS,
  type OperationCase,
  type Outcome,
  TRANSPORTS,
  type Target,
  type Transport,
  arrangeGroup,
  ask,
  learn,
} from '../support/operations.js';

const WRITES = OPERATIONS.filter(({ kind, ofGroup }) => kind === 'write' && ofGroup);
const STALE = '"stale"';

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

/** Runs a write with the entity tag in `If-Match` or `ifMatch`, and with the idempotency key if there is one. */
function askIf(transport: Transport, one: OperationCase, tag: string, key?: string): Promise<Outcome> {
  const headers = {
    'if-match': tag,
    ...(key !== undefined && { 'idempotency-key': key }),
  };
  if (transport === 'REST') return ask(gateway, transport, one, target, { headers });
  const withTag: OperationCase = {
    ...one,
    graphql(of) {
      const { query, variables } = one.graphql(of);
      const input = { ...(variables['input'] as object), ifMatch: tag, idempotencyKey: key ?? null };
      return { query, variables: { input } };
    },
  };
  return ask(gateway, transport, withTag, target);
}

const read = OPERATIONS.find(({ name }) => name === 'read a group') as OperationCase;

async function currentTag(key?: string): Promise<string> {
  const { answer } = await ask(gateway, 'REST', read, target, key === undefined ? {} : { key });
  return answer.headers.get('etag') ?? '';
}

describe.each(TRANSPORTS)('over %s', (transport) => {
  it.each(WRITES)('sends nothing if the group has changed: $name', async (one) => {
    const { error, answer } = await askIf(transport, one, STALE);
    expect(error).toMatchObject({ code: 'PRECONDITION_FAILED', status: 412, retryable: false });
    expect(answer.status).toBe(transport === 'REST' ? 412 : 200);
    expect(await gateway.sandbox.actions()).toEqual(['ListChatGroup']);
  });

  it.each(WRITES)('writes if the entity tag is that of the group: $name', async (one) => {
    expect((await askIf(transport, one, await currentTag())).error).toBeUndefined();
    expect(await gateway.sandbox.actions()).toContain(one.action);
  });

  it.each(WRITES)('counts the entity tag as a part of the request: $name', async (one) => {
    const key = newKey();
    const tag = await currentTag();
    expect((await askIf(transport, one, tag, key)).error).toBeUndefined();
    expect((await askIf(transport, one, tag, key)).error).toBeUndefined();
    expect((await askIf(transport, one, '*', key)).error).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    expect(await gateway.sandbox.calls(one.action)).toHaveLength(1);
  });

  it.each(WRITES)('refuses what is not a list of entity tags: $name', async (one) => {
    const { error } = await askIf(transport, one, 'nonsense');
    const field = transport === 'REST' ? 'If-Match' : 'ifMatch';
    const message = 'must be * or a list of entity tags';
    expect(error).toMatchObject({ code: 'VALIDATION_FAILED', violations: [{ field, message }] });
  });
});

describe('the entity tag in GraphQL', () => {
  it('equals the ETag of REST for a group, in a list, and for callers who see no links', async () => {
    const { data } = await ask(gateway, 'GraphQL', read, target);
    expect(data.etag).toBe(await currentTag());
    const list = OPERATIONS.find(({ name }) => name === 'list groups') as OperationCase;
    for (const { etag, ...group } of (await ask(gateway, 'GraphQL', list, target)).data.nodes) {
      const { answer } = await ask(gateway, 'REST', read, { ...target, groupId: group.groupId });
      expect(answer.headers.get('etag')).toBe(etag);
      expect(answer.body).toEqual(group);
    }
    const masked = await ask(gateway, 'GraphQL', read, target, { key: READONLY_KEY });
    expect(masked.data.etag).toBe(await currentTag(READONLY_KEY));
    expect(masked.data.etag).not.toBe(data.etag);
  });

  it('of a written group allows the next write', async () => {
    const update = WRITES.find(({ name }) => name === 'update a group') as OperationCase;
    const { data } = await ask(gateway, 'GraphQL', update, target);
    const remove = WRITES.find(({ name }) => name === 'delete a group') as OperationCase;
    expect((await askIf('GraphQL', remove, data.chatGroup.etag)).error).toBeUndefined();
  });

  it('of an update that CAMS does not show yet is the one that the group will have', async () => {
    const before = await currentTag();
    await gateway.sandbox.behave({ listLagMs: 60_000 });
    const update = WRITES.find(({ name }) => name === 'update a group') as OperationCase;
    const { chatGroup } = (await ask(gateway, 'GraphQL', update, target)).data;
    expect(chatGroup.status).toBe('UPDATING');
    expect(chatGroup.etag).not.toBe(before);
    await gateway.sandbox.behave({ listLagMs: 0 });
    const tag = await eventually(async () => [await currentTag()].find((current) => current !== before));
    expect(tag).toBe(chatGroup.etag);
  });
});

it('returns the ETag of a created group', async () => {
  const create = OPERATIONS.find(({ name }) => name === 'create a group') as OperationCase;
  const { answer, data } = await ask(gateway, 'REST', create, target);
  target = { ...target, groupId: data.groupId };
  expect(answer.status).toBe(201);
  expect(answer.headers.get('etag')).toBe(await currentTag());
});

it('returns the group and its entity tag although its requested link could not be created', async () => {
  await gateway.sandbox.fault({ action: 'AddChatGroupInviteLink', kind: 'reject', code: 'InvalidParameter' });
  const query = `mutation ($input: CreateChatGroupInput!) {
    createChatGroup(input: $input) { chatGroup { groupId subject inviteLink inviteLinkVisible etag } }
  }`;
  const input = { ...ACME, subject: 'Without its link', withInviteLink: true };
  const { body } = await gateway.graphql(query, { input });
  expect(body.errors[0].path).toEqual(['createChatGroup', 'chatGroup', 'inviteLink']);
  const { chatGroup } = body.data.createChatGroup;
  expect(chatGroup).toMatchObject({ subject: input.subject, inviteLink: null, inviteLinkVisible: true });
  target = { ...target, groupId: chatGroup.groupId };
  expect(chatGroup.etag).toBe(await currentTag());
});

describe.each(TRANSPORTS)('over %s', (transport) => {
  it('tells a group without a link from a link that the caller may not see', async () => {
    const seen = async (key?: string): Promise<unknown> => {
      const { data } = await ask(gateway, transport, read, target, key === undefined ? {} : { key });
      return [data.inviteLinkVisible, data.inviteLink];
    };
    expect(await seen()).toEqual([true, expect.stringMatching(/^https:/)]);
    expect(await seen(READONLY_KEY)).toEqual([false, null]);
    await gateway.sandbox.changeGroup({ op: 'update', groupId: target.groupId, inviteLink: false });
    expect(await seen()).toEqual([true, null]);
    expect(await seen(READONLY_KEY)).toEqual([false, null]);
  });
});
