import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AuditFixture, linesOf, writesOf } from '../support/audit-fixture.js';
import { eventually } from '../support/eventually.js';
import { ACME, type Answer, type Json, type TestGateway, startTestReplicas } from '../support/gateway.js';

const GROUPS = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;
const SETTINGS = {
  TENANTS_FILE: 'test/support/isolation-tenants.yaml',
  CAMS_TIMEOUT_MS: '800',
  CREATE_RESOLVE_TIMEOUT_MS: '400',
  OPERATION_WINDOW_MS: '10000',
};

const audit = new AuditFixture();
let gateway: TestGateway;
beforeAll(async () => {
  [gateway] = (await startTestReplicas(1, { ...SETTINGS, AUDIT_FILE: audit.file })) as [TestGateway];
});
afterAll(async () => {
  await gateway.close();
  audit.remove();
});
beforeEach(async () => {
  await gateway.sandbox.reset();
  audit.forget();
});
afterEach(() => gateway.sandbox.clearFaults());

let subjects = 0;
async function create(body: Json = {}, headers: Record<string, string> = {}): Promise<Answer> {
  subjects += 1;
  return gateway.rest(GROUPS, { method: 'POST', body: { subject: `Named ${subjects}`, ...body }, headers });
}

/** Returns the ID of the only group with the subject of the latest create. */
async function groupId(): Promise<string> {
  const groups: readonly Json[] = await gateway.sandbox.groups(ACME);
  const [made, ...others] = groups.filter(({ subject }) => subject === `Named ${subjects}`);
  expect(others).toEqual([]);
  return made.groupId;
}

async function whenEnded({ body }: Answer): Promise<void> {
  await eventually(async () => {
    const operation = await gateway.rest(`/v1/operations/${body.id}`);
    return operation.body.status === 'PENDING' ? undefined : true;
  });
}

describe('the outcome of a create request', () => {
  it.each([{}, { withInviteLink: true }])('names the group that was found: %j', async (body) => {
    expect((await create(body)).status).toBe(201);
    const [add, link] = writesOf(audit.lines);
    expect(add?.outcome).toMatchObject({ outcome: 'SUCCEEDED', groupId: await groupId() });
    expect(add?.attempt).not.toHaveProperty('groupId');
    expect(add?.found).toBeUndefined();
    expect(link?.attempt.groupId).toBe('withInviteLink' in body ? await groupId() : undefined);
    // It is written before the link is created, not at the end of the request.
    const [first, second] = audit.lines;
    expect([first?.event, second?.event]).toEqual(['attempt', 'outcome']);
  });

  it('names the group even if CAMS did not confirm it', async () => {
    await gateway.sandbox.fault({ action: 'AddChatGroup', kind: 'reset-after-apply', count: 1 });
    expect((await create()).status).toBe(201);
    expect(writesOf(audit.lines)[0]?.outcome).toMatchObject({
      outcome: 'OUTCOME_UNKNOWN',
      groupId: await groupId(),
    });
  });

  it('names no group if CAMS refused it or its outcome stays unknown', async () => {
    await gateway.sandbox.fault({ action: 'AddChatGroup', kind: 'reject', code: 'Unheard.Of', count: 1 });
    await create();
    await gateway.sandbox.fault({ action: 'AddChatGroup', kind: 'reset', count: 1 });
    await create();
    const outcomes = writesOf(audit.lines).map(({ outcome }) => outcome);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['UPSTREAM_REJECTED', 'OUTCOME_UNKNOWN']);
    for (const outcome of outcomes) expect(outcome).not.toHaveProperty('groupId');
  });
});

describe('a group that is found after its request', () => {
  it.each<[what: string, body: Json, headers: Record<string, string>]>([
    ['because it was listed late', {}, {}],
    ['because it was listed late, with an invite link', { withInviteLink: true }, {}],
    ['because the client did not want to wait', {}, { prefer: 'respond-async' }],
  ])('is named in a line of its own: %s', async (_what, body, headers) => {
    await gateway.sandbox.behave({ unlistedMs: headers['prefer'] === undefined ? 1_500 : 0 });
    const pending = await create(body, headers);
    expect(pending.status).toBe(202);
    expect(writesOf(audit.lines)[0]?.outcome).not.toHaveProperty('groupId');
    await whenEnded(pending);
    const [add] = writesOf(audit.lines);
    expect(add?.found).toMatchObject({
      log: 'audit',
      level: 'info',
      event: 'found',
      write: add?.attempt.write,
      tenant: 'acme',
      principal: 'gateway',
      operationId: pending.body.id,
      operation: 'AddChatGroup',
      account: 'default',
      custSpaceId: ACME.custSpaceId,
      businessNumber: '8613******001',
      groupId: await groupId(),
    });
    expect(add?.found).not.toHaveProperty('outcome');
    expect(
      linesOf(audit.text)
        .map((line) => JSON.stringify(line))
        .join(),
    ).not.toContain('Named');
  });

  it('is named once, whoever finds it: another request with the same idempotency key', async () => {
    await gateway.sandbox.behave({ unlistedMs: 1_000 });
    const key = { 'idempotency-key': 'create-once' };
    const body = { subject: 'Named with a key' };
    await gateway.sandbox.fault({ action: 'AddChatGroup', kind: 'reset-after-apply', count: 1 });
    const first = await gateway.rest(GROUPS, { method: 'POST', body, headers: key });
    expect(first.status).toBe(504);
    await eventually(async () => {
      const { status } = await gateway.rest(GROUPS, { method: 'POST', body, headers: key });
      return status === 201 ? true : undefined;
    });
    const events = audit.lines.map(({ event }) => event);
    expect(events).toEqual(['attempt', 'outcome', 'found']);
  });
});
