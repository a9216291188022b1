import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AuditFixture, arrangeTargets, auditedWrites, linesOf, writesOf } from '../support/audit-fixture.js';
import { eventually } from '../support/eventually.js';
import {
  ACME,
  GLOBEX,
  GLOBEX_KEY,
  type Json,
  READONLY_KEY,
  type RequestOptions,
  type TestGateway,
  startTestGateway,
} from '../support/gateway.js';
import { WRITES, sentWrites } from '../support/keyed-writes.js';
import {
  MEMBER,
  OPERATIONS,
  type Outcome,
  TRANSPORTS,
  type Target,
  type Transport,
  ask,
  learn,
} from '../support/operations.js';
import { unusedPort } from '../support/unused-port.js';

const SETTINGS = {
  TENANTS_FILE: 'test/support/isolation-tenants.yaml',
  CAMS_TIMEOUT_MS: '800',
  CREATE_RESOLVE_TIMEOUT_MS: '250',
  OPERATION_WINDOW_MS: '10000',
};
const GROUPS = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;
const MASKED = { businessNumber: '8613******001', member: '8613******099' };

const audit = new AuditFixture();
let gateway: TestGateway;
let targets: ReadonlyMap<string, Target>;
/** Invite links of the groups, which must not be logged. */
const links = new Set<string>();

beforeAll(async () => {
  gateway = await startTestGateway({ ...SETTINGS, AUDIT_FILE: audit.file });
});
afterAll(async () => {
  await gateway.close();
  audit.remove();
});

beforeEach(async () => {
  await gateway.sandbox.reset();
  await gateway.sandbox.behave({ unlistedMs: 0 });
  targets = await arrangeTargets(gateway);
  await learn(gateway, targetOf('delete a group'));
  await gateway.sandbox.forgetCalls();
  audit.forget();
});

function targetOf(name: string): Target {
  const target = targets.get(name);
  if (!target) throw new Error(`There is no group for: ${name}`);
  return target;
}

/** Sends every write concurrently, each to a separate group. */
async function everyWrite(transport: Transport, options: RequestOptions = {}): Promise<Outcome[]> {
  return Promise.all(WRITES.map(async (one) => ask(gateway, transport, one, targetOf(one.name), options)));
}

async function noteLinks(): Promise<void> {
  for (const { inviteLink } of await gateway.sandbox.groups(ACME)) if (inviteLink) links.add(inviteLink);
}

describe.each(TRANSPORTS)('over %s', (transport) => {
  it('logs one attempt and one outcome for every write that CAMS received', async () => {
    const outcomes = await everyWrite(transport);
    await noteLinks();
    expect(outcomes.map(({ error }) => error)).toEqual(WRITES.map(() => undefined));
    expect(await sentWrites(gateway)).toHaveLength(WRITES.length);
    expect(auditedWrites(audit.lines)).toEqual(await sentWrites(gateway));
    const writes = writesOf(audit.lines);
    for (const [index, one] of WRITES.entries()) {
      const write = writes.find(({ attempt }) => attempt.operation === one.action);
      const { headers } = outcomes[index]?.answer ?? {};
      expect(write?.attempt).toMatchObject({
        log: 'audit',
        tenant: 'acme',
        principal: 'key:acme',
        permission: one.permission,
        account: 'default',
        custSpaceId: ACME.custSpaceId,
        businessNumber: MASKED.businessNumber,
        requestId: headers?.get('x-request-id'),
      });
      expect(write?.outcome).toMatchObject({
        outcome: 'SUCCEEDED',
        coherence: 'COHERENT',
        upstreamRequestId: headers?.get('x-upstream-request-id'),
        durationMs: expect.any(Number),
      });
    }
  });

  it.each([
    ['reset', 'OUTCOME_UNKNOWN'],
    ['reset-after-apply', 'OUTCOME_UNKNOWN'],
    ['hang-after-apply', 'OUTCOME_UNKNOWN'],
    ['malformed', 'OUTCOME_UNKNOWN'],
    ['http500', 'OUTCOME_UNKNOWN'],
    ['reject', 'UPSTREAM_REJECTED'],
    ['throttle', 'UPSTREAM_THROTTLED'],
  ])('logs the outcome of a write with the fault %s: %s', async (kind, outcome) => {
    for (const { action } of WRITES) {
      await gateway.sandbox.fault({ action, kind, ...(kind === 'reject' && { code: 'Unheard.Of' }) });
    }
    await everyWrite(transport);
    expect(auditedWrites(audit.lines)).toEqual(await sentWrites(gateway));
    const writes = writesOf(audit.lines);
    expect(writes.map((write) => write.outcome.outcome)).toEqual(WRITES.map(() => outcome));
    const coherence = outcome === 'OUTCOME_UNKNOWN' ? 'BOUNDED' : undefined;
    expect(new Set(writes.map((write) => write.outcome.coherence))).toEqual(new Set([coherence]));
  });

  it('logs nothing for requests that were refused before they were sent', async () => {
    const foreign = { ...GLOBEX, groupId: targetOf('delete a group').groupId };
    for (const one of WRITES) {
      await ask(gateway, transport, one, foreign);
      await ask(gateway, transport, one, targetOf(one.name), { key: READONLY_KEY });
      await ask(gateway, transport, one, targetOf(one.name), { key: GLOBEX_KEY });
      await ask(gateway, transport, one, targetOf(one.name), { key: null });
    }
    await ask(gateway, transport, operation('delete a group'), { ...ACME, groupId: 'no-such-group' });
    await ask(gateway, transport, operation('create a group'), { ...ACME, groupId: '', subject: ' ' });
    expect(await sentWrites(gateway)).toEqual([]);
    expect(audit.lines).toEqual([]);
  });

  it('logs nothing for reads', async () => {
    for (const one of OPERATIONS.filter(({ kind }) => kind === 'read'))
      await ask(gateway, transport, one, targetOf('update a group'));
    expect(audit.lines).toEqual([]);
  });

  it('does not log a write that affected no row as a success', async () => {
    const body = '{"Code":"OK","RequestId":"upstream-1","Result":0}';
    await gateway.sandbox.fault({ action: 'DeleteChatGroup', kind: 'raw', body });
    await ask(gateway, transport, operation('delete a group'), targetOf('delete a group'));
    expect(audit.lines[1]).toMatchObject({
      outcome: 'NOT_FOUND',
      affected: 0,
      upstreamRequestId: 'upstream-1',
    });
  });

  it('logs a removed member as a masked number and a keyed digest', async () => {
    await ask(gateway, transport, operation('remove members'), targetOf('remove members'));
    const digest = createHmac('sha256', 'sandbox-pepper').update(`member\nacme\n${MEMBER}`).digest('hex');
    expect(audit.lines).toMatchObject([
      { event: 'attempt', members: [{ number: MASKED.member, digest }] },
      { event: 'outcome', members: [{ number: MASKED.member, digest }], affected: 1 },
    ]);
  });
});

describe('a create request', () => {
  it('with an invite link is logged as two writes of one request', async () => {
    const body = { subject: 'Two writes', withInviteLink: true };
    const own = { headers: { 'x-request-id': 'order-42' } };
    const { headers } = await gateway.rest(GROUPS, { method: 'POST', body, ...own });
    await noteLinks();
    expect(auditedWrites(audit.lines)).toEqual(await sentWrites(gateway));
    const [add, link] = writesOf(audit.lines);
    expect([add?.attempt.permission, link?.attempt.permission]).toEqual(['groups:write', 'groups:invite']);
    for (const write of [add, link])
      expect(write?.attempt).toMatchObject({
        requestId: headers.get('x-request-id'),
        callerRequestId: 'order-42',
      });
    expect(add?.attempt.write).not.toBe(link?.attempt.write);
  });

  it('whose link is created in the background is logged with the operation ID', async () => {
    await gateway.sandbox.behave({ unlistedMs: 1_500 });
    const body = { subject: 'Listed late', withInviteLink: true };
    const pending = await gateway.rest(GROUPS, { method: 'POST', body });
    expect(pending.status).toBe(202);
    await eventually(async () => {
      const { body: operation } = await gateway.rest(`/v1/operations/${pending.body.id}`);
      return operation.status === 'PENDING' ? undefined : operation;
    });
    await noteLinks();
    expect(auditedWrites(audit.lines)).toEqual(await sentWrites(gateway));
    const [add, link] = writesOf(audit.lines);
    expect(add?.attempt).toMatchObject({ principal: 'key:acme' });
    expect(add?.attempt.operationId).toBeUndefined();
    expect(link?.attempt).toMatchObject({
      operation: 'AddChatGroupInviteLink',
      tenant: 'acme',
      principal: 'gateway',
      operationId: pending.body.id,
    });
  });
});

describe('a failed If-Match condition', () => {
  it.each([['PATCH'], ['DELETE']])('is not logged: %s', async (method) => {
    const path = `${GROUPS}/${targetOf('update a group').groupId}`;
    const body = method === 'PATCH' ? { subject: 'Too late' } : undefined;
    const { status } = await gateway.rest(path, { method, body, headers: { 'if-match': '"stale"' } });
    expect(status).toBe(412);
    expect(audit.lines).toEqual([]);
  });
});

describe('a write that the cache cannot be notified of', () => {
  it('is not logged if strict coherence refuses it', async () => {
    const settings = { REDIS_URL: `redis://127.0.0.1:${await unusedPort()}`, COHERENCE: 'strict' };
    const strict = await startTestGateway({ ...SETTINGS, ...settings, AUDIT_FILE: audit.file });
    try {
      const { answer } = await ask(strict, 'REST', operation('create a group'), { ...ACME, groupId: '' });
      expect(answer.status).toBe(503);
      expect(audit.lines).toEqual([]);
    } finally {
      await strict.close();
    }
  });
});

/** Last, because it checks everything that the tests above wrote. */
describe('no line', () => {
  it.each([
    ['number', () => [ACME.businessNumber, MEMBER, '8613700000098']],
    ['key or secret', () => ['A'.repeat(43), 'cgk_', 'sandbox-secret', 'sandbox-pepper']],
    ['invite link', () => ['chat.whatsapp.com', ...links]],
    ['upstream address', () => [new URL(gateway.sandbox.url).host, 'Signature']],
    ['subject', () => ['Audited', 'Two writes', 'Listed late', 'Arranged']],
  ])('contains a full %s', (_, canaries) => {
    const { text } = audit;
    expect(linesOf(text).length).toBeGreaterThan(200);
    expect(links.size).toBeGreaterThan(2);
    expect(canaries().filter((canary) => text.includes(canary))).toEqual([]);
  });
});

function operation(name: string): Json {
  return WRITES.find((one) => one.name === name);
}
