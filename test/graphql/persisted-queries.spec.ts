import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ACME, type Answer, GLOBEX_KEY, type TestGateway, startTestGateway } from '../support/gateway.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

const hashOf = (query: string): string => createHash('sha256').update(query).digest('hex');
const persisted = (sha256Hash: unknown, version: unknown = 1): object => ({
  persistedQuery: { version, sha256Hash },
});

type Method = 'GET' | 'POST';

function ask(method: Method, members: Record<string, unknown>, key?: string): Promise<Answer> {
  const options = key === undefined ? {} : { key };
  if (method === 'POST') return gateway.rest('/graphql', { method, body: members, ...options });
  const parameters = Object.entries(members).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return gateway.rest(`/graphql?${new URLSearchParams(parameters).toString()}`, options);
}

const codeOf = ({ body }: Answer): unknown => body.errors?.[0].extensions.code;

describe.each(['GET', 'POST'] as const)('an automatic persisted query by %s', (method) => {
  /** A document that no other test sends. */
  const document = (name: string): string => `query ${name}By${method} { viewer { tenantId } }`;

  it('is unknown at first, with the message and status that clients expect', async () => {
    const answer = await ask(method, { extensions: persisted(hashOf(document('Unknown'))) });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      'application/json; charset=utf-8',
    ]);
    const { requestId, ...error } = answer.body.errors[0].extensions;
    expect(error).toEqual({ code: 'PERSISTED_QUERY_NOT_FOUND', status: 200, retryable: true });
    expect(requestId).toBe(answer.headers.get('x-request-id'));
    expect(answer.body).toEqual({
      errors: [{ message: 'PersistedQueryNotFound', extensions: { ...error, requestId } }],
    });
  });

  it('is executed by its hash once its tenant has sent it with its text', async () => {
    const query = document('Known');
    const extensions = persisted(hashOf(query));
    expect((await ask(method, { query, extensions })).body).toEqual({
      data: { viewer: { tenantId: 'acme' } },
    });
    for (const again of ['GET', 'POST', 'GET'] as const)
      expect((await ask(again, { extensions })).body.data.viewer.tenantId).toBe('acme');
    expect(codeOf(await ask(method, { extensions }, GLOBEX_KEY))).toBe('PERSISTED_QUERY_NOT_FOUND');
    await ask(method, { query, extensions }, GLOBEX_KEY);
    expect((await ask(method, { extensions }, GLOBEX_KEY)).body.data.viewer.tenantId).toBe('globex');
  });

  it('is executed with the variables and the operation name of the request', async () => {
    const query = `query A { viewer { tenantName } } query B($n: String!) { chatGroups(businessNumber: $n, first: 1) { totalCount } } # ${method}`;
    const extensions = persisted(hashOf(query));
    const b = { operationName: 'B', variables: { n: ACME.businessNumber } };
    await ask(method, { query, extensions, ...b });
    expect((await ask(method, { extensions, ...b })).body.data.chatGroups.totalCount).toBeGreaterThan(0);
    expect((await ask(method, { extensions, operationName: 'A' })).body.data).toHaveProperty('viewer');
    expect(codeOf(await ask(method, { extensions, operationName: 'B' }))).toBe('VALIDATION_FAILED');
  });

  it('is refused with the hash of another text, which is not stored', async () => {
    const query = document('Wrong');
    const extensions = persisted(hashOf(document('Other')));
    const answer = await ask(method, { query, extensions });
    expect([answer.status, codeOf(answer)]).toEqual([400, 'VALIDATION_FAILED']);
    expect(answer.body.errors[0].extensions.violations[0].field).toBe('extensions.persistedQuery.sha256Hash');
    expect(codeOf(await ask(method, { extensions }))).toBe('PERSISTED_QUERY_NOT_FOUND');
    const upper = persisted(hashOf(query).toUpperCase());
    expect(codeOf(await ask(method, { query, extensions: upper }))).toBe('VALIDATION_FAILED');
  });

  it.each([
    ['has a syntax error', '{ viewer {'],
    ['selects an unknown field', '{ viewer { nope } }'],
    [
      'has too many root fields',
      `{ ${[1, 2, 3, 4, 5, 6].map((i) => `a${i}: viewer { tenantId }`).join(' ')} }`,
    ],
    [
      'costs too much',
      `{ chatGroups(businessNumber: "${ACME.businessNumber}", first: 100) { nodes { participants { phoneNumber } } } }`,
    ],
  ])('is not stored if it %s', async (_, query) => {
    const extensions = persisted(hashOf(query));
    expect(codeOf(await ask(method, { query, extensions }))).toBe('QUERY_REFUSED');
    expect(codeOf(await ask(method, { extensions }))).toBe('PERSISTED_QUERY_NOT_FOUND');
  });

  it.each([
    ['extensions.persistedQuery.version', persisted(hashOf('{ a }'), 2)],
    ['extensions.persistedQuery.version', { persistedQuery: 'x' }],
    ['extensions.persistedQuery.sha256Hash', persisted(undefined)],
    ['extensions.persistedQuery.sha256Hash', persisted(7)],
  ])('is refused if it is malformed: %s, %j', async (field, extensions) => {
    const answer = await ask(method, { extensions });
    expect([answer.status, codeOf(answer)]).toEqual([400, 'VALIDATION_FAILED']);
    expect(answer.body.errors[0].extensions.violations[0].field).toBe(field);
  });
});

it('stores mutations, which are executed by their hash, but never by GET', async () => {
  const query = 'mutation Lost { deleteChatGroup(input: { id: "x" }) { requestId } }';
  const extensions = persisted(hashOf(query));
  await ask('POST', { query, extensions });
  expect(codeOf(await ask('POST', { extensions }))).toBe('VALIDATION_FAILED');
  const byGet = await ask('GET', { extensions });
  expect([byGet.status, codeOf(byGet)]).toEqual([405, 'METHOD_NOT_ALLOWED']);
});
