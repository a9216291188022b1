import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import {
  ACME,
  GLOBEX_KEY,
  type Json,
  READONLY_KEY,
  type TestGateway,
  startTestGateway,
} from '../support/gateway.js';
import { newKey } from '../support/keyed-writes.js';
import { TRANSPORTS } from '../support/operations.js';

const GROUPS = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;
const FIELDS =
  'id status subject custSpaceId businessNumber createdAt expiresAt attempts uniqueCode detail chatGroup { groupId }';
const DAY_MS = 86_400_000;

let gateway: TestGateway;
let subjects = 0;

beforeAll(async () => {
  // Looks for a group once, then leaves the operation pending.
  gateway = await startTestGateway({ CREATE_RESOLVE_TIMEOUT_MS: '0' });
});
afterAll(() => gateway.close());
beforeEach(async () => {
  await gateway.sandbox.reset();
  await gateway.sandbox.behave({ unlistedMs: 0 });
});

/** Creates a group and returns its operation, pending or succeeded. */
async function create(unlistedMs: number): Promise<{ id: string; subject: string }> {
  subjects += 1;
  const subject = `Waiting ${subjects}`;
  await gateway.sandbox.behave({ unlistedMs });
  const query = `mutation ($input: CreateChatGroupInput!) { createChatGroup(input: $input) { operation { id } } }`;
  const { body } = await gateway.graphql(query, { input: { ...ACME, subject } });
  return { id: body.data.createChatGroup.operation.id, subject };
}

interface Page {
  readonly operations: readonly Json[];
  readonly endCursor: string | null;
  readonly hasNext: boolean;
  readonly error: Json;
}

type Ask = Readonly<Record<string, string | number>>;

const list: Record<string, (ask: Ask, key?: string) => Promise<Page>> = {
  REST: async ({ first, ...ask }, key) => {
    const parameters = new URLSearchParams({ ...ask, ...(first !== undefined && { size: String(first) }) });
    const options = key === undefined ? {} : { key };
    const { body, status, headers } = await gateway.rest(`/v1/operations?${parameters.toString()}`, options);
    if (status !== 200) return { operations: [], endCursor: null, hasNext: false, error: body };
    const link = headers.get('link') ?? '';
    const hasNext = link.includes('rel="next"');
    if (hasNext) expect(link).toContain(encodeURIComponent(body.page.endCursor));
    return { operations: body.data, endCursor: body.page.endCursor, hasNext, error: undefined };
  },
  GraphQL: async (ask, key) => {
    const query = `query ($custSpaceId: ID, $businessNumber: String, $status: OperationStatus, $first: Int, $after: String) {
      operations(custSpaceId: $custSpaceId, businessNumber: $businessNumber, status: $status, first: $first, after: $after) {
        nodes { ${FIELDS} } edges { cursor node { id } } pageInfo { hasNextPage endCursor }
      }
    }`;
    const { body } = await gateway.graphql(query, ask, key === undefined ? {} : { key });
    const found = body.data?.operations;
    return {
      operations: found?.nodes ?? [],
      endCursor: found?.pageInfo.endCursor ?? null,
      hasNext: found?.pageInfo.hasNextPage ?? false,
      error: body.errors?.[0]?.extensions,
    };
  },
};

const close: Record<string, (id: string, key?: string, idempotencyKey?: string) => Promise<Json>> = {
  REST: async (id, key, idempotencyKey) => {
    const { body } = await gateway.rest(`/v1/operations/${id}/close`, {
      method: 'POST',
      ...(key !== undefined && { key }),
      headers: idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey },
    });
    return body;
  },
  GraphQL: async (id, key, idempotencyKey) => {
    const query = `mutation ($input: CloseChatGroupOperationInput!) {
      closeChatGroupOperation(input: $input) { coherence operation { ${FIELDS} } chatGroup { groupId } }
    }`;
    const options = key === undefined ? {} : { key };
    const { body } = await gateway.graphql(query, { input: { id, idempotencyKey } }, options);
    return body.errors?.[0]?.extensions ?? body.data.closeChatGroupOperation.operation;
  },
};

async function read(id: string): Promise<Json> {
  return (await gateway.rest(`/v1/operations/${id}`)).body;
}

const idsOf = ({ operations }: Page): string[] => operations.map(({ id }) => id);

describe.each(TRANSPORTS)('over %s', (transport) => {
  const listed = (ask: Ask = {}, key?: string): Promise<Page> => list[transport]?.(ask, key) as Promise<Page>;
  const closed = (id: string, key?: string, idempotencyKey?: string): Promise<Json> =>
    close[transport]?.(id, key, idempotencyKey) as Promise<Json>;

  it('lists what a waiting screen needs, newest first', async () => {
    const succeeded = await create(0);
    const pending = await create(60_000);
    const { operations } = await listed({ first: 2 });
    expect(operations).toEqual([
      expect.objectContaining({
        ...ACME,
        id: pending.id,
        subject: pending.subject,
        status: 'PENDING',
        detail: 'CAMS accepted the create request, but does not list the group yet.',
        chatGroup: null,
      }),
      expect.objectContaining({
        id: succeeded.id,
        subject: succeeded.subject,
        status: 'SUCCEEDED',
        detail: null,
        chatGroup: expect.objectContaining({ groupId: expect.any(String) }),
      }),
    ]);
    for (const { createdAt, expiresAt, attempts } of operations) {
      expect(Date.parse(expiresAt) - Date.parse(createdAt)).toBe(DAY_MS);
      expect(Math.abs(Date.now() - Date.parse(createdAt))).toBeLessThan(60_000);
      expect(attempts).toBeGreaterThanOrEqual(1);
    }
    await eventually(async () => ((await read(pending.id)).attempts >= 2 ? true : undefined));
  });

  it('lists operations by status', async () => {
    const succeeded = await create(0);
    const pending = await create(60_000);
    expect(idsOf(await listed({ status: 'SUCCEEDED', first: 100 }))).toContain(succeeded.id);
    expect(idsOf(await listed({ status: 'SUCCEEDED', first: 100 }))).not.toContain(pending.id);
    expect(idsOf(await listed({ status: 'PENDING', first: 1 }))).toEqual([pending.id]);
    const { error } = await listed({ status: 'NOTHING' });
    expect(error.code).toBe('VALIDATION_FAILED');
  });

  it('pages through all operations, each once', async () => {
    for (let count = 0; count < 3; count += 1) await create(0);
    const all = idsOf(await listed({ first: 100 }));
    expect(all.length).toBeGreaterThanOrEqual(3);
    const walked: string[] = [];
    let page = await listed({ first: 2 });
    for (; ; page = await listed({ first: 2, after: page.endCursor ?? '' })) {
      walked.push(...idsOf(page));
      if (!page.hasNext) break;
    }
    expect(walked).toEqual(all);
  });

  it.each([
    ['another filter', { status: 'SUCCEEDED' }],
    ['another space', { custSpaceId: ACME.custSpaceId }],
    ['another business number', { businessNumber: ACME.businessNumber }],
  ])('refuses a cursor of a list with %s', async (_, ask) => {
    await create(0);
    const { endCursor } = await listed({ first: 1, ...ask });
    const { error } = await listed({ first: 1, after: endCursor ?? '' });
    expect(error).toMatchObject({ code: 'VALIDATION_FAILED', violations: [{ field: 'after' }] });
  });

  it('does not list a create request that CAMS refused', async () => {
    const before = idsOf(await listed({ first: 100 }));
    await gateway.sandbox.fault({
      action: 'AddChatGroup',
      kind: 'reject',
      code: 'InvalidParameter',
      count: 1,
    });
    await gateway.rest(GROUPS, { method: 'POST', body: { subject: 'Refused' } });
    expect(idsOf(await listed({ first: 100 }))).toEqual(before);
  });

  it('closes a pending operation and frees its subject', async () => {
    const { id, subject } = await create(60_000);
    const again = (): Promise<Json> => gateway.rest(GROUPS, { method: 'POST', body: { subject } });
    expect((await again()).status).toBe(409);
    const detail = 'The operation was closed before its group was found.';
    expect(await closed(id)).toMatchObject({ id, status: 'UNRESOLVED', detail, chatGroup: null });
    expect(await read(id)).toMatchObject({ id, status: 'UNRESOLVED', detail });
    expect((await again()).status).toBe(202);
  });

  it('returns an ended operation unchanged', async () => {
    const { id } = await create(0);
    const before = await read(id);
    expect(before.status).toBe('SUCCEEDED');
    expect(await closed(id)).toMatchObject({ id, status: 'SUCCEEDED', detail: null });
    expect(await read(id)).toEqual(before);
  });

  it('replays a closing with an idempotency key, and refuses the key for another operation', async () => {
    const [first, second] = [await create(60_000), await create(60_000)];
    const key = newKey();
    expect(await closed(first.id, undefined, key)).toMatchObject({ status: 'UNRESOLVED' });
    expect(await closed(first.id, undefined, key)).toMatchObject({ status: 'UNRESOLVED' });
    expect(await closed(second.id, undefined, key)).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    expect((await read(second.id)).status).toBe('PENDING');
  });

  it('closes operations only for callers of the tenant who may write', async () => {
    const { id } = await create(60_000);
    expect(await closed(id, READONLY_KEY)).toMatchObject({ code: 'FORBIDDEN' });
    expect(await closed(id, GLOBEX_KEY)).toMatchObject({ code: 'NOT_FOUND' });
    expect((await read(id)).status).toBe('PENDING');
  });

  it('leaves one outcome if the group appears while the operation is closed', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { id, subject } = await create(1_000 + round * 60);
      // The sweeper looks every second, so some rounds end by it.
      await new Promise((resolve) => setTimeout(resolve, 900));
      const answer = await closed(id);
      const after = await read(id);
      expect(after.status).not.toBe('PENDING');
      expect([answer.status, answer.detail]).toEqual([after.status, after.detail]);
      await gateway.sandbox.behave({ unlistedMs: 0 });
      const next = await gateway.rest(GROUPS, { method: 'POST', body: { subject } });
      expect([201, 202]).toContain(next.status);
    }
  });
});

it('repeats the filters in its links', async () => {
  for (let count = 0; count < 3; count += 1) await create(0);
  const last = await create(60_000);
  const filter = new URLSearchParams({ ...ACME, status: 'SUCCEEDED', size: '2' });
  const { headers, body } = await gateway.rest(`/v1/operations?${filter.toString()}`);
  const next = /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1] ?? '';
  const following = (await gateway.rest(next)).body.data;
  expect(body.data).toHaveLength(2);
  expect(following.length).toBeGreaterThan(0);
  expect(following.map(({ status }: Json) => status)).not.toContain('PENDING');
  const first = /<([^>]+)>; rel="first"/.exec(headers.get('link') ?? '')?.[1] ?? '';
  expect((await gateway.rest(first)).body.data.map(({ id }: Json) => id)).not.toContain(last.id);
  expect(new URL(next, 'http://gateway').searchParams.toString()).toContain(filter.get('businessNumber'));
});
