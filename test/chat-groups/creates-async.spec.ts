import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { ACME, type Answer, type TestGateway, startTestGateway } from '../support/gateway.js';
import { newKey, newSubject } from '../support/keyed-writes.js';

const GROUPS = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;
const ASYNC = { prefer: 'wait=60, respond-async' };

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({ CREATE_RESOLVE_TIMEOUT_MS: '1500' });
});
afterAll(() => gateway.close());
beforeEach(async () => {
  await gateway.sandbox.reset();
  await gateway.sandbox.behave({ unlistedMs: 0 });
});

function create(headers: Record<string, string>, more: object = {}): Promise<Answer> {
  return gateway.rest(GROUPS, { method: 'POST', body: { subject: newSubject(), ...more }, headers });
}

it('returns the operation as soon as the add call is confirmed, and finds its group later', async () => {
  const { status, headers, body } = await create(ASYNC, { withInviteLink: true });
  expect([status, body.status, body.chatGroup]).toEqual([202, 'PENDING', null]);
  expect(headers.get('preference-applied')).toBe('respond-async');
  expect(headers.get('location')).toBe(`/v1/operations/${body.id}`);
  expect(headers.get('retry-after')).toBe('1');
  expect(await gateway.sandbox.actions()).toEqual(['ListChatGroup', 'AddChatGroup']);
  const group = await eventually(
    async () => (await gateway.rest(`/v1/operations/${body.id}`)).body.chatGroup ?? undefined,
  );
  expect(group.inviteLink).toMatch(/^https:/);
});

it('waits for the group without the preference', async () => {
  const { status, headers } = await create({ prefer: 'return=minimal' });
  expect([status, headers.get('preference-applied'), headers.get('retry-after')]).toEqual([201, null, null]);
});

it('tells how long to wait before the operation is polled', async () => {
  await gateway.sandbox.behave({ unlistedMs: 60_000 });
  const { status, headers } = await create({});
  expect([status, headers.get('preference-applied')]).toEqual([202, null]);
  expect(headers.get('retry-after')).toMatch(/^[12]$/);
});

it('tells how long to wait before a pending operation is polled again, until it has ended', async () => {
  await gateway.sandbox.behave({ unlistedMs: 60_000 });
  const headers = { ...ASYNC, 'idempotency-key': newKey() };
  const ask = (): Promise<Answer> =>
    gateway.rest(GROUPS, { method: 'POST', body: { subject: 'Closed soon' }, headers });
  const path = `/v1/operations/${(await ask()).body.id}`;
  expect((await gateway.rest(path)).headers.get('retry-after')).toMatch(/^[12]$/);
  await gateway.rest(`${path}/close`, { method: 'POST' });
  for (const { body, headers: received } of [await ask(), await gateway.rest(path)])
    expect([body.status, received.get('retry-after')]).toEqual(['UNRESOLVED', null]);
});

it('returns the group of a retry whose operation has succeeded', async () => {
  const headers = { ...ASYNC, 'idempotency-key': newKey() };
  const body = { subject: newSubject() };
  const ask = (): Promise<Answer> => gateway.rest(GROUPS, { method: 'POST', body, headers });
  expect((await ask()).status).toBe(202);
  const again = await eventually(async () => {
    const answer = await ask();
    return answer.status === 201 ? answer : undefined;
  });
  expect(again.body.subject).toBe(body.subject);
  expect(again.headers.get('preference-applied')).toBeNull();
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect(await gateway.sandbox.calls('AddChatGroup')).toHaveLength(1);
});

it('reports an add call that CAMS refused or did not confirm', async () => {
  await gateway.sandbox.fault({ action: 'AddChatGroup', kind: 'reject', code: 'InvalidParameter', count: 1 });
  expect((await create(ASYNC)).status).toBe(422);
  await gateway.sandbox.fault({ action: 'AddChatGroup', kind: 'reset-after-apply', count: 1 });
  const { body } = await create(ASYNC);
  expect(body).toMatchObject({ code: 'OUTCOME_UNKNOWN', operationId: expect.stringMatching(/^op_/) });
});
