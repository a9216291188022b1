import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ACME,
  type Answer,
  GLOBEX_KEY,
  type Json,
  type TestGateway,
  startTestGateway,
} from '../support/gateway.js';
import { eventually } from '../support/eventually.js';

const SETTINGS = { TENANTS_FILE: 'test/support/tenants.quotas.yaml' };

/** `patient` waits until the created group is listed; `hasty` looks for it once, then leaves the operation pending. */
let patient: TestGateway;
let hasty: TestGateway;
let gateway: TestGateway;

/** Longer than the first lookup takes on any machine, shorter than the operation window of the hasty gateway. */
const LATE_MS = 1_500;

const GROUPS = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;

beforeAll(async () => {
  patient = await startTestGateway({ ...SETTINGS, CAMS_TIMEOUT_MS: '2000' });
  hasty = await startTestGateway({
    ...SETTINGS,
    CREATE_RESOLVE_TIMEOUT_MS: '0',
    OPERATION_WINDOW_MS: '5000',
    CAMS_TIMEOUT_MS: '2000',
  });
});
afterAll(() => Promise.all([patient.close(), hasty.close()]));

/** Selects the gateway for the tests of a `describe` block. */
function using(choose: () => TestGateway): void {
  beforeEach(async () => {
    gateway = choose();
    await gateway.sandbox.reset();
    await gateway.sandbox.behave({ unlistedMs: 0 });
  });
}

let counter = 0;
function newSubject(): string {
  counter += 1;
  return `Trip ${counter}`;
}

function create(subject: string, more: Record<string, unknown> = {}): Promise<Answer> {
  return gateway.rest(GROUPS, { method: 'POST', body: { subject, ...more } });
}

async function groupsOf(subject: string): Promise<string[]> {
  const groups = await gateway.sandbox.groups(ACME);
  return groups.filter((group) => group.subject === subject).map(({ groupId }) => groupId);
}

/** Returns the operation once it is no longer pending. */
async function settled(id: string): Promise<Json> {
  return eventually(async () => {
    const { body } = await gateway.rest(`/v1/operations/${id}`);
    return body.status === 'PENDING' ? undefined : body;
  });
}

describe('creating a group', () => {
  using(() => patient);

  it('returns 201 with the group and its location', async () => {
    const subject = newSubject();
    const { status, headers, body } = await create(subject, { description: 'Two\nlines' });
    expect(status).toBe(201);
    expect(body).toMatchObject({ subject, description: 'Two\nlines', status: 'ACTIVE', ...ACME });
    expect(headers.get('location')).toBe(`${GROUPS}/${body.groupId}`);
    expect((await gateway.rest(headers.get('location') ?? '')).body).toEqual(body);
  });

  it('creates the invite link in the same request', async () => {
    const { body } = await create(newSubject(), { withInviteLink: true });
    expect(body.inviteLink).toMatch(/^https:\/\/chat\.whatsapp\.com\//);
    expect(await gateway.sandbox.actions()).toEqual([
      'ListChatGroup',
      'AddChatGroup',
      'ListChatGroup',
      'AddChatGroupInviteLink',
    ]);
  });

  it('returns the group and the error of its invite link if only the link failed', async () => {
    await gateway.sandbox.fault({
      action: 'AddChatGroupInviteLink',
      kind: 'reject',
      code: 'InvalidParameter.Link',
    });
    const { status, body } = await create(newSubject(), { withInviteLink: true });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      inviteLink: null,
      inviteLinkError: { code: 'UPSTREAM_REJECTED', status: 422 },
    });
  });

  it('distinguishes the new group from an older one with the same subject', async () => {
    const subject = newSubject();
    const first = await create(subject);
    const second = await create(`  ${subject} `);
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(await groupsOf(subject)).toEqual([first.body.groupId, second.body.groupId]);
  });

  it('treats subjects that differ only in Unicode normalization as equal', async () => {
    const [composed, decomposed] = ['Café', 'Cafe\u0301'];
    const first = await create(composed);
    const second = await create(decomposed);
    expect(second.status).toBe(201);
    expect(second.body.groupId).not.toBe(first.body.groupId);
  });
});

describe('a group that CAMS lists late', () => {
  using(() => hasty);

  it('is pending at first and found by its operation later', async () => {
    await gateway.sandbox.behave({ unlistedMs: LATE_MS });
    const subject = newSubject();
    const { status, headers, body } = await create(subject);
    expect(status).toBe(202);
    expect(body).toMatchObject({ status: 'PENDING', chatGroup: null });
    expect(headers.get('location')).toBe(`/v1/operations/${body.id}`);
    const done = await settled(body.id);
    expect(done).toMatchObject({ status: 'SUCCEEDED', chatGroup: { subject } });
    expect(await groupsOf(subject)).toEqual([done.chatGroup.groupId]);
  });

  it('gets its invite link once it is found', async () => {
    await gateway.sandbox.behave({ unlistedMs: LATE_MS });
    const { body } = await create(newSubject(), { withInviteLink: true });
    expect(body.status).toBe('PENDING');
    expect((await settled(body.id)).chatGroup.inviteLink).toMatch(/^https:/);
  });

  it('is reported by its operation in GraphQL too', async () => {
    await gateway.sandbox.behave({ unlistedMs: LATE_MS });
    const { body } = await gateway.graphql(
      `mutation ($input: CreateChatGroupInput!) {
        createChatGroup(input: $input) { chatGroup { id } operation { id status } coherence }
      }`,
      { input: { businessNumber: ACME.businessNumber, subject: newSubject() } },
    );
    const { chatGroup, operation } = body.data.createChatGroup;
    expect([chatGroup, operation.status]).toEqual([null, 'PENDING']);
    await settled(operation.id);
    const later = await gateway.graphql(
      `query ($id: ID!) { operation(id: $id) { status chatGroup { subject } } }`,
      {
        id: operation.id,
      },
    );
    expect(later.body.data.operation.status).toBe('SUCCEEDED');
  });

  it('blocks another create request and a rename to its subject with a 409 that names the operation', async () => {
    await gateway.sandbox.behave({ unlistedMs: LATE_MS });
    const subject = newSubject();
    const { body: pending } = await create(subject);
    const [listed] = (await gateway.rest(`${GROUPS}?size=1`)).body.data;
    const again = await create(subject);
    const rename = await gateway.rest(`${GROUPS}/${listed.groupId}`, { method: 'PATCH', body: { subject } });
    for (const { status, body } of [again, rename]) {
      expect([status, body.code, body.operationId, body.retryable]).toEqual([
        409,
        'CONFLICT',
        pending.id,
        true,
      ]);
    }
    await settled(pending.id);
    await gateway.sandbox.behave({ unlistedMs: 0 });
    expect((await create(subject)).status).toBe(201);
  });

  it('becomes unresolved, with a reason, if two new groups cannot be told apart', async () => {
    await gateway.sandbox.behave({ unlistedMs: LATE_MS });
    const subject = newSubject();
    const { body } = await create(subject);
    // Created outside the gateway and listed before the group that was created here.
    for (const _ of [1, 2]) await gateway.sandbox.changeGroup({ op: 'create', ...ACME, subject });
    const done = await settled(body.id);
    expect(done).toMatchObject({ status: 'UNRESOLVED', chatGroup: null });
    expect(done.detail).toContain('cannot be told apart');
  });

  it('becomes unresolved after the window and releases its subject', async () => {
    await gateway.sandbox.behave({ unlistedMs: 60_000 });
    const subject = newSubject();
    const { body } = await create(subject);
    expect((await settled(body.id)).status).toBe('UNRESOLVED');
    await gateway.sandbox.behave({ unlistedMs: 0 });
    expect((await create(subject)).status).not.toBe(409);
  });
});

describe('an AddChatGroup call whose response is lost', () => {
  using(() => patient);

  it.each(['reset-after-apply', 'hang-after-apply'])(
    'is resolved within the same request: %s',
    async (kind) => {
      await gateway.sandbox.fault({ action: 'AddChatGroup', kind, count: 1 });
      const subject = newSubject();
      const { status, headers, body } = await create(subject);
      expect(status).toBe(201);
      expect(headers.get('coherence')).toBe('bounded');
      expect(await groupsOf(subject)).toEqual([body.groupId]);
    },
  );
});

describe('an AddChatGroup call whose response is lost and whose group is not found at once', () => {
  using(() => hasty);

  it('is resolved by the operation once the group is listed', async () => {
    await gateway.sandbox.behave({ unlistedMs: LATE_MS });
    await gateway.sandbox.fault({ action: 'AddChatGroup', kind: 'reset-after-apply', count: 1 });
    const subject = newSubject();
    const { status, body } = await create(subject);
    expect([status, body.code]).toEqual([504, 'OUTCOME_UNKNOWN']);
    expect((await settled(body.operationId)).chatGroup.subject).toBe(subject);
  });

  it('returns OUTCOME_UNKNOWN and ends unresolved if the group is never listed', async () => {
    await gateway.sandbox.fault({ action: 'AddChatGroup', kind: 'reset', count: 1 });
    const { status, body } = await create(newSubject());
    expect([status, body.code, body.retryable]).toEqual([504, 'OUTCOME_UNKNOWN', false]);
    expect((await settled(body.operationId)).detail).toContain('probably not executed');
  });
});

describe('an AddChatGroup call that CAMS rejects', () => {
  using(() => patient);

  it('fails at once and releases the subject', async () => {
    await gateway.sandbox.fault({
      action: 'AddChatGroup',
      kind: 'reject',
      code: 'InvalidParameter.Subject',
      count: 1,
    });
    const subject = newSubject();
    const refused = await create(subject);
    expect([refused.status, refused.body.code]).toEqual([422, 'UPSTREAM_REJECTED']);
    expect((await create(subject)).status).toBe(201);
  });
});

describe('concurrent create requests', () => {
  using(() => patient);

  it('create 20 groups with distinct IDs for 20 subjects', async () => {
    const subjects = Array.from({ length: 20 }, newSubject);
    const answers = await Promise.all(subjects.map((subject) => create(subject)));
    for (const [index, { status, body }] of answers.entries()) {
      expect(status).toBe(201);
      expect(await groupsOf(subjects[index] ?? '')).toEqual([body.groupId]);
    }
  });

  it('create exactly the groups they report for one subject', async () => {
    await gateway.sandbox.fault({ action: 'AddChatGroup', kind: 'latency', ms: 100 });
    const subject = newSubject();
    const answers = await Promise.all(Array.from({ length: 10 }, () => create(subject)));
    const made = answers.filter(({ status }) => status === 201).map(({ body }) => body.groupId);
    expect(made.length).toBeGreaterThan(0);
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
    expect((await groupsOf(subject)).toSorted()).toEqual(made.toSorted());
  });
});

describe('an operation', () => {
  using(() => hasty);

  it('is hidden from other tenants', async () => {
    await gateway.sandbox.behave({ unlistedMs: LATE_MS });
    const { body } = await create(newSubject());
    const foreign = await gateway.rest(`/v1/operations/${body.id}`, { key: GLOBEX_KEY });
    expect([foreign.status, foreign.body.code]).toEqual([404, 'NOT_FOUND']);
  });
});
