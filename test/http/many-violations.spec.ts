import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ACME, type Json, type TestGateway, startTestGateway } from '../support/gateway.js';

const MAX = 20;
/** Large enough for 20 violations, whatever they are called. */
const MAX_BYTES = 12_288;
const GROUPS = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;
const CREATE = `mutation ($input: CreateChatGroupInput!) { createChatGroup(input: $input) { coherence } }`;

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

const fields = (count: number, name = (index: number) => `f${index}`): Record<string, number> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [name(index), 1]));

function expectFew(text: string, violations: Json, detail: string): void {
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_BYTES);
  expect(violations.length).toBeLessThanOrEqual(MAX);
  for (const { field } of violations) {
    expect([...field].length).toBeLessThanOrEqual(65);
    expect(field).not.toMatch(/[\p{C}\u2028\u2029]/u);
  }
  expect(detail).not.toMatch(/[\p{C}\u2028\u2029]/u);
}

const REST: readonly (readonly [string, unknown])[] = [
  ['unknown fields', fields(5_000)],
  ['inherited fields', JSON.parse(`{${'"toString":1,'.repeat(500)}"__proto__":1}`)],
  ['long names', fields(14, (index) => `${index}${'x'.repeat(4_000)}`)],
  ['names of two code units', fields(25, (index) => `${index}${'😀'.repeat(500)}`)],
  ['names with control characters', fields(30, (index) => `\u0000\n\u202e\u2028${index}\u200b\ud800`)],
  ['nested fields', { subject: { a: fields(5_000) }, description: fields(1_000) }],
];

it.each(REST)('names at most 20 fields by REST: %s', async (_, body) => {
  const answer = await gateway.rest(GROUPS, { method: 'POST', body });
  expect([answer.status, answer.body.code]).toEqual([400, 'VALIDATION_FAILED']);
  expectFew(answer.text, answer.body.violations, answer.body.detail);
});

it('says how many more there are', async () => {
  const { body } = await gateway.rest(GROUPS, { method: 'POST', body: { subject: 'A', ...fields(50) } });
  expect(body.violations).toHaveLength(MAX);
  expect(body.detail).toMatch(/^Invalid: f0, f1, .*, f19 and 30 more\.$/);
});

it('masks numbers in the names of fields, however they are written', async () => {
  const { text } = await gateway.rest(GROUPS, { method: 'POST', body: { '86138\u200b00000001': 1 } });
  expect(text).not.toContain('8613800000001');
});

it.each([
  ['query parameters', `${GROUPS}?${new URLSearchParams({ ...fields(500) } as never).toString()}`],
  ['a long query parameter', `${GROUPS}?${'x'.repeat(3_000)}=1`],
  ['a list of statuses', `${GROUPS}?${'status=x&'.repeat(500)}`],
])('names at most 20 fields: %s', async (_, path) => {
  const answer = await gateway.rest(path);
  expect(answer.status).toBe(400);
  expectFew(answer.text, answer.body.violations, answer.body.detail);
});

it('names at most 20 elements of a list', async () => {
  const path = `${GROUPS}/${'A'.repeat(24)}/participants/remove`;
  const answer = await gateway.rest(path, { method: 'POST', body: { phoneNumbers: Array(3_000).fill('x') } });
  expect(answer.status).toBe(400);
  expectFew(answer.text, answer.body.violations, answer.body.detail);
});

it.each(REST)('names at most 20 fields by GraphQL: %s', async (_, body) => {
  const input = { ...(body as object), businessNumber: ACME.businessNumber };
  const answer = await gateway.graphql(CREATE, { input });
  expect([answer.status, answer.body.errors.length]).toEqual([400, 1]);
  const [{ message, extensions }] = answer.body.errors;
  expectFew(answer.text, extensions.violations, message);
});

it('lists at most 20 errors of a document', async () => {
  const answer = await gateway.graphql(`{ ${Object.keys(fields(400)).join(' ')} }`);
  expect(answer.status).toBe(400);
  expect(answer.body.errors.length).toBeLessThanOrEqual(MAX);
  expect(Buffer.byteLength(answer.text)).toBeLessThanOrEqual(MAX_BYTES);
});
