import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { type PlainResponse, sendPlain } from '../support/plain-http.js';
import { type Answer, type Json, type TestGateway, startTestGateway } from '../support/gateway.js';

const DATE = 'Sun, 06 Nov 1994 08:49:37 GMT';
const PRECONDITIONS = {
  'If-Match': '"stale"',
  'If-None-Match': '"any"',
  'If-Modified-Since': DATE,
  'If-Unmodified-Since': DATE,
  'If-Range': '"any"',
  Range: 'bytes=0-9',
} as const;
type Header = keyof typeof PRECONDITIONS;
const HEADERS = Object.keys(PRECONDITIONS) as Header[];

interface Call {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  /** Whether the document declares `If-Match`. */
  readonly checksIfMatch: boolean;
}

/** Every route of the REST API, as the document lists them. */
const CALLS: readonly Call[] = Object.entries(
  JSON.parse(readFileSync('openapi.json', 'utf8')).paths as Record<string, Record<string, Json>>,
).flatMap(([path, methods]) =>
  Object.entries(methods).flatMap(([method, operation]) =>
    operation.operationId === undefined
      ? []
      : [
          {
            id: operation.operationId,
            method: method.toUpperCase(),
            path,
            checksIfMatch: (operation.parameters ?? []).some(({ name }: Json) => name === 'If-Match'),
          },
        ],
  ),
);

const BODIES: Readonly<Record<string, object>> = {
  createChatGroup: { subject: 'Conditional' },
  updateChatGroup: { subject: 'Conditional' },
  removeParticipants: { phoneNumbers: ['8613700000099'] },
};

let gateway: TestGateway;
let groupId: string;
let tag: string;
const GROUPS = '/v1/spaces/cams-acme/numbers/8613800000001/groups';
beforeAll(async () => {
  gateway = await startTestGateway({ TENANTS_FILE: 'test/support/tenants.quotas.yaml' });
  ({ groupId } = (await gateway.rest(GROUPS)).body.data[0]);
  tag = (await gateway.rest(`${GROUPS}/${groupId}`)).headers.get('etag') ?? '';
});
afterAll(() => gateway.close());

async function call({ id, method, path }: Call, headers: Record<string, string>): Promise<PlainResponse> {
  const target = path
    .replace('{custSpaceId}', 'cams-acme')
    .replace('{businessNumber}', '8613800000001')
    .replace('{groupId}', groupId)
    .replace('{id}', 'op_unknown');
  return sendPlain(gateway.url, target, { method, headers, ...(BODIES[id] && { body: BODIES[id] }) });
}

const errorOf = ({ status, text }: PlainResponse): Json => (status < 400 ? {} : JSON.parse(text));

const refusal = (header: Header): Json =>
  expect.objectContaining({
    code: 'VALIDATION_FAILED',
    violations: [expect.objectContaining({ field: expect.stringMatching(new RegExp(`^${header}$`)) })],
  });

describe.each(CALLS.map((one) => [one.id, one] as const))('%s', (_id, one) => {
  const isRead = one.method === 'GET';

  it.each(HEADERS)('honours or refuses %s', async (header) => {
    await gateway.sandbox.forgetCalls();
    const response = await call(one, { [header]: PRECONDITIONS[header] });
    const { status } = response;
    const body = errorOf(response);
    if (header === 'If-Match' && one.checksIfMatch)
      expect([status, body.code]).toEqual([412, 'PRECONDITION_FAILED']);
    else if (isRead && header !== 'If-Match') {
      // HTTP allows to ignore it; the tag is none of ours.
      expect([200, 404]).toContain(status);
      expect(body.code ?? 'NOT_FOUND').toBe('NOT_FOUND');
    } else expect([status, body]).toEqual([400, refusal(header)]);
    // Only reads, to compare the group.
    if (!isRead) for (const action of await gateway.sandbox.actions()) expect(action).toMatch(/^List/);
  });

  it('refuses all that it does not honour at once', async () => {
    if (isRead) return;
    const headers = { 'If-None-Match': '*', Range: 'bytes=0-1', 'If-Unmodified-Since': DATE };
    expect(errorOf(await call(one, headers)).violations.map(({ field }: Json) => field)).toEqual([
      'If-None-Match',
      'If-Unmodified-Since',
      'Range',
    ]);
  });
});

it('knows every write that names a group as one that checks If-Match', () => {
  const writes = CALLS.filter(({ method }) => method !== 'GET');
  expect(writes.length).toBeGreaterThan(5);
  for (const { id, path, checksIfMatch } of writes)
    expect([id, checksIfMatch]).toEqual([id, path.includes('{groupId}')]);
});

describe('GraphQL', () => {
  const query = (method: string, headers: Record<string, string>): Promise<Answer> => {
    const document = '{ viewer { tenantId } }';
    if (method === 'GET') return gateway.rest(`/graphql?query=${encodeURIComponent(document)}`, { headers });
    return gateway.graphql(document, {}, { headers });
  };

  it.each(HEADERS)('honours or refuses %s', async (header) => {
    const posted = await query('POST', { [header]: PRECONDITIONS[header] });
    expect([posted.status, posted.body.errors[0].extensions]).toEqual([400, refusal(header)]);
    const got = await query('GET', { [header]: PRECONDITIONS[header] });
    if (header === 'If-Match') expect(got.status).toBe(400);
    else expect([got.status, got.body.data?.viewer.tenantId]).toEqual([200, 'acme']);
  });

  it('says by which method a query can have the others', async () => {
    const { body } = await query('POST', { 'If-None-Match': '"any"' });
    expect(body.errors[0].extensions.violations).toEqual([
      { field: 'If-None-Match', message: 'is not supported with POST; send the query by GET' },
    ]);
  });

  it('says where the precondition of a mutation belongs', async () => {
    const { body } = await query('POST', { 'If-Match': tag });
    expect(body.errors[0].extensions.violations[0].message).toContain('ifMatch');
  });
});

describe('the forms of If-Match', () => {
  const update = async (match: string): Promise<number> => {
    const path = `${GROUPS}/${groupId}`;
    const body = { description: `Version ${Math.random().toString(36).slice(2)}` };
    const answer = await gateway.rest(path, { method: 'PATCH', body, headers: { 'if-match': match } });
    tag = (await gateway.rest(path)).headers.get('etag') ?? '';
    return answer.status;
  };

  it('are compared, or refused', async () => {
    expect(await update(tag)).toBe(200);
    expect(await update('*')).toBe(200);
    expect(await update(`W/${tag}`)).toBe(200);
    expect(await update(`"x", ${tag}`)).toBe(200);
    expect(await update('"x"')).toBe(412);
    expect(await update('W/"x"')).toBe(412);
    for (const malformed of ['x', '', '*, "x"', `${tag} "x"`, 'W/*', "'x'"])
      expect(await update(malformed)).toBe(400);
  });
});

it('asks for credentials before it refuses a precondition', async () => {
  const { status } = await gateway.rest(GROUPS, { method: 'POST', key: null, headers: { range: 'x' } });
  expect(status).toBe(401);
});
