import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { ACME, type Answer, type TestGateway, startTestGateway } from '../support/gateway.js';
import { startGatewayBehind } from '../support/gateway-behind.js';
import { WRITES_TENANTS, newKey, newSubject } from '../support/keyed-writes.js';
import { RedisServer } from '../support/redis-server.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const GROUPS = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;
const SETTINGS = {
  ...WRITES_TENANTS,
  REQUEST_BUDGET_MS: '3000',
  CAMS_TIMEOUT_MS: '1000',
  CAMS_LATE_APPLY_MS: '500',
  OPERATION_WINDOW_MS: '8000',
  CREATE_RESOLVE_TIMEOUT_MS: '1000',
};
const LATE_MS = 1_500;
const ASYNC = { prefer: 'respond-async' };

let redis: RedisServer;
/** Between the first gateway and Redis. */
let proxy: TcpProxy;
let first: TestGateway;
let second: TestGateway;

beforeEach(async () => {
  redis = await RedisServer.start();
  proxy = await TcpProxy.start(redis.port);
  first = await startTestGateway({ ...SETTINGS, STATE_REDIS_URL: `redis://127.0.0.1:${proxy.port}` });
  const { sandbox } = first;
  const port = Number(new URL(sandbox.url).port);
  second = await startGatewayBehind(port, sandbox.url, { ...SETTINGS, STATE_REDIS_URL: redis.url });
  await sandbox.behave({ unlistedMs: 0 });
});
afterEach(async () => {
  await second.close();
  await first.close();
  await proxy.close();
  await redis.stop();
});

const create = (
  gateway: TestGateway,
  group: { readonly subject: string; readonly [field: string]: unknown },
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> => gateway.rest(GROUPS, { method: 'POST', body: group, headers });
const keyed = (key = newKey()) => ({ 'idempotency-key': key });
/** Resolves with an operation once it has ended. */
const ended = (gateway: TestGateway, id: string): Promise<Answer['body']> =>
  eventually(async () => {
    const { body } = await gateway.rest(`/v1/operations/${id}`);
    return body.status === 'PENDING' ? undefined : body;
  });

it('a group is not taken for that of another request, although its claim could not be stored at first', async () => {
  const subject = newSubject();
  const claim = /cgs:c:[^\r]+\r\n\$0\r\n\r\n\$\d+\r\nop_/;
  proxy.resetAt(claim, 'before');
  const one = await create(first, { subject, description: 'of client 1' }, keyed());
  proxy.repair();
  if (one.status === 202) await ended(second, one.body.id);
  await first.sandbox.behave({ listLagMs: 6_000, unlistedMs: 2_000 });
  const other = await create(second, { subject, description: 'of client 2' }, keyed());
  const { chatGroup } = other.status === 202 ? await ended(second, other.body.id) : { chatGroup: other.body };
  expect(chatGroup.description).toBe('of client 2');
});

describe('an operation that could not be stored', () => {
  it('is resolved by the process that keeps it', async () => {
    const subject = newSubject();
    await first.sandbox.behave({ unlistedMs: 1_500 });
    proxy.resetAt(/"sent":false/, 'before');
    const { body } = await create(first, { subject }, ASYNC);
    proxy.repair();
    // Another process finds its name, but not the operation.
    await eventually(async () =>
      (await redis.command('smembers', 'cgs:pending')).includes(body.id) ? undefined : true,
    );
    expect((await ended(first, body.id)).status).toBe('SUCCEEDED');
    expect((await create(second, { subject }, ASYNC)).status).toBe(202);
  });

  it('gives the subject free that is locked in its process, although another process ends it', async () => {
    const subject = newSubject();
    await first.sandbox.behave({ unlistedMs: 1_500 });
    proxy.resetAt(/cgs:s:/, 'before');
    const { body } = await create(first, { subject }, ASYNC);
    proxy.cut();
    expect((await ended(second, body.id)).status).toBe('SUCCEEDED');
    proxy.repair();
    const again = await eventually(async () => {
      const answer = await create(first, { subject }, ASYNC);
      return answer.status === 202 ? answer : undefined;
    });
    expect(again.status).toBe(202);
  });
});

it('a subject that one process alone has locked is locked for all before the group is created', async () => {
  const subject = newSubject();
  const { sandbox } = first;
  await sandbox.behave({ unlistedMs: 3_000 });
  await sandbox.fault({ action: 'ListChatGroup', kind: 'latency', ms: 700, count: 1 });
  const { connections } = proxy;
  proxy.resetAt(/cgs:s:/, 'before');
  const one = create(first, { subject }, ASYNC);
  await eventually(async () => proxy.connections > connections || undefined);
  proxy.repair();
  expect((await one).status).toBe(202);
  expect((await create(second, { subject }, keyed())).body.code).toBe('CONFLICT');
});

it('a subject is free again at once if its create request could not be prepared', async () => {
  const subject = newSubject();
  await first.sandbox.fault({ action: 'ListChatGroup', kind: 'http500' });
  expect((await create(first, { subject }, keyed())).status).toBe(502);
  await first.sandbox.clearFaults();
  expect((await create(first, { subject }, keyed())).status).toBe(201);
});

it('a subject stays locked while CAMS may still execute a create request whose operation was closed', async () => {
  const subject = newSubject();
  await first.sandbox.fault({ action: 'AddChatGroup', kind: 'latency', ms: 800, count: 1 });
  const one = create(first, { subject }, keyed());
  await eventually(async () => (await first.sandbox.calls('AddChatGroup')).length > 0 || undefined);
  const conflict = await create(second, { subject });
  const { operationId } = conflict.body;
  const closed = await second.rest(`/v1/operations/${operationId}/close`, { method: 'POST' });
  expect(closed.body.status).toBe('UNRESOLVED');
  expect((await create(second, { subject }, keyed())).body).toMatchObject({ code: 'CONFLICT', operationId });
  expect((await one).body).toMatchObject({ id: operationId, status: 'UNRESOLVED' });
});

it('a create request whose operation was closed is never reported as not executed', async () => {
  const group = { subject: newSubject() };
  const headers = keyed();
  const { sandbox } = first;
  await sandbox.behave({ unlistedMs: 60_000 });
  await sandbox.fault({ action: 'AddChatGroup', kind: 'reset-after-apply', count: 1 });
  const { operationId } = (await create(first, group, headers)).body;
  await first.rest(`/v1/operations/${operationId}/close`, { method: 'POST' });
  // Until CAMS can no longer execute it.
  await sleep(LATE_MS);
  const { body } = await create(first, group, headers);
  expect(body).toMatchObject({ code: 'OUTCOME_UNKNOWN', operationId, retryAfter: 60 });
  expect(body.detail).toMatch(/Check the groups/);
  expect(await sandbox.calls('AddChatGroup')).toHaveLength(1);
});

it('a replay returns the group that was created, even if nothing can be done about its link', async () => {
  const group = { subject: newSubject(), withInviteLink: true };
  const headers = keyed();
  const { sandbox } = first;
  await sandbox.fault({ action: 'AddChatGroupInviteLink', kind: 'reject', code: 'InvalidParameter' });
  const created = await create(first, group, headers);
  await sandbox.clearFaults();
  const inviteLinkError = { code: 'UPSTREAM_REJECTED', retryable: false };
  const expected = { status: 201, body: { groupId: created.body.groupId, inviteLinkError } };
  expect(created).toMatchObject(expected);
  await sandbox.fault({ action: 'ListChatGroup', kind: 'http500' });
  expect(await create(first, group, headers)).toMatchObject(expected);
  await sandbox.clearFaults();
  proxy.resetAt(/cgs:g:/, 'before');
  expect(await create(first, group, headers)).toMatchObject(expected);
  proxy.repair();
  const linked = await eventually(async () => {
    const { body } = await create(first, group, headers);
    return body.inviteLink ? body : undefined;
  });
  expect(linked.groupId).toBe(created.body.groupId);
});

it('a create request whose outcome is unknown is to be repeated less and less often', async () => {
  const group = { subject: newSubject() };
  const headers = keyed();
  await first.sandbox.behave({ unlistedMs: 60_000 });
  await first.sandbox.fault({ action: 'AddChatGroup', kind: 'reset-after-apply', count: 1 });
  await create(first, group, headers);
  const soon = await create(first, group, headers);
  await sleep(3_000);
  const later = await create(first, group, headers);
  expect([soon.body.code, later.body.code]).toEqual(['OUTCOME_UNKNOWN', 'OUTCOME_UNKNOWN']);
  expect(later.body.retryAfter).toBeGreaterThan(soon.body.retryAfter);
});
