import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ACME, READONLY_KEY, type Answer, type TestGateway, startTestGateway } from '../support/gateway.js';
import { HOSTILE_INPUTS } from '../support/hostile-inputs.js';

const LIST = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;
const QUERY = '{ viewer { tenantId } }';
const MUTATION = 'mutation ($input: CreateChatGroupInput!) { createChatGroup(input: $input) { requestId } }';
const MOST = 100;

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({ TENANTS_FILE: 'test/support/tenants.quotas.yaml' });
});
afterAll(() => gateway.close());
beforeEach(() => gateway.sandbox.forgetCalls());

const fields = (count: number): Record<string, number> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, index]));

/** Returns the violations of a refused request. */
function violationsOf({ status, body }: Answer): { field: string; message: string }[] {
  expect(status).toBe(400);
  return body.errors?.[0].extensions.violations ?? body.violations;
}

describe('input with very many values is refused as a whole, whatever they are', () => {
  const REFUSED = { message: `must have at most ${MOST} fields and elements` };
  const post = (body: unknown): Promise<Answer> =>
    gateway.rest(LIST, { method: 'POST', body, key: READONLY_KEY });

  it.each<[string, () => Promise<Answer>]>([
    ['a body', () => post(fields(4_000))],
    ['a body with a list', () => post({ subject: Array.from({ length: 10_000 }, () => 1) })],
    ['a body with nested lists', () => post({ a: Array.from({ length: 60 }, () => [1]) })],
    ['a query string', () => gateway.rest(`${LIST}?${Object.keys(fields(1_200)).join('&')}`)],
    ['repeated parameters', () => gateway.rest(`${LIST}?${'size=1&'.repeat(1_000)}`)],
    ['variables', () => gateway.graphql(MUTATION, { input: fields(480) })],
    ['variables that the document does not declare', () => gateway.graphql(QUERY, fields(480))],
  ])('%s', async (_what, send) => {
    expect(violationsOf(await send())).toEqual([expect.objectContaining(REFUSED)]);
    expect(await gateway.sandbox.calls()).toEqual([]);
  });

  it('variables of a query that was executed before', async () => {
    for (const _ of [1, 2]) expect((await gateway.graphql(QUERY, { n: 1 })).status).toBe(200);
    expect(violationsOf(await gateway.graphql(QUERY, fields(480)))).toEqual([
      expect.objectContaining(REFUSED),
    ]);
  });

  it('but not just below', async () => {
    const body = violationsOf(await post(fields(MOST)));
    expect(body.length).toBe(20);
    const query = violationsOf(await gateway.rest(`${LIST}?${Object.keys(fields(MOST)).join('&')}`));
    expect(query.length).toBe(20);
    expect((await gateway.graphql(QUERY, fields(MOST))).status).toBe(200);
  });
});

it.each(HOSTILE_INPUTS)('%s is refused, in few words and without a call to CAMS', async (_name, input) => {
  const { path, method = 'GET', authorization, body } = input;
  const answer = await gateway.rest(path, {
    method,
    ...(body !== undefined && { body }),
    ...(authorization !== undefined && { headers: { authorization } }),
  });
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
  expect(answer.text.length).toBeLessThan(1_500);
  expect(await gateway.sandbox.calls()).toEqual([]);
});

describe('the name of an operation has a maximum length, by POST and by GET', () => {
  it.each([65, 15_000])('%i characters', async (length) => {
    const operationName = '\ufdfa'.repeat(length);
    const body = { query: QUERY, operationName };
    const search = new URLSearchParams({ query: QUERY, operationName: operationName.slice(0, 700) });
    for (const answer of [
      await gateway.rest('/graphql', { method: 'POST', body }),
      await gateway.rest(`/graphql?${search.toString()}`),
    ])
      expect(violationsOf(answer)).toEqual([
        { field: 'operationName', message: 'must have at most 64 characters' },
      ]);
  });

  it('but 64 are enough', async () => {
    const operationName = 'A'.repeat(64);
    const body = { query: `query ${operationName} { viewer { tenantId } }`, operationName };
    expect((await gateway.rest('/graphql', { method: 'POST', body })).status).toBe(200);
  });
});

describe('what an error repeats of the request is short, and so is the time to redact it', () => {
  // Each of these characters stands for 18 when it is made readable.
  const EXPANDING = '\ufdfa1'.repeat(7_000);

  it.each<[string, () => Promise<Answer>]>([
    ['an unknown field of a body', () => gateway.rest(LIST, { method: 'POST', body: { [EXPANDING]: 1 } })],
    ['a text that a syntax error quotes', () => gateway.graphql(`{ "${EXPANDING}" }`)],
    ['an unknown field of variables', () => gateway.graphql(MUTATION, { input: { [EXPANDING]: 1 } })],
    ['a path', () => gateway.rest(`/v1/${encodeURIComponent(EXPANDING).slice(0, 6_000)}`)],
  ])('%s', async (_what, send) => {
    const answer = await send();
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.text.length).toBeLessThan(1_500);
  });
});
