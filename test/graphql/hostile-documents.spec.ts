import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type TestGateway, startTestGateway } from '../support/gateway.js';
import { HOSTILE_DOCUMENTS } from '../support/hostile-documents.js';
import { type HostileRequest } from '../support/hostile-request.js';
import { HOSTILE_VARIABLES } from '../support/hostile-variables.js';

const MAX_ERRORS = 20;
const MAX_BYTES = 16 * 1024;

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({ GRAPHQL_INTROSPECTION: 'true' });
  await gateway.sandbox.forgetCalls();
});
afterAll(async () => {
  expect(await gateway.sandbox.actions()).toEqual([]);
  await gateway.close();
});

it('covers at least a hundred documents', () => {
  expect(new Set(HOSTILE_DOCUMENTS.map(([name]) => name)).size).toBe(HOSTILE_DOCUMENTS.length);
  expect(HOSTILE_DOCUMENTS.length).toBeGreaterThanOrEqual(100);
});

it.each(HOSTILE_DOCUMENTS)('refuses the whole request, in a small response: %s', async (_, body) => {
  await expectRefusal(body, 'QUERY_REFUSED');
});

it.each(HOSTILE_VARIABLES)('refuses variables, also of a known document: %s', async (_, body) => {
  for (const _again of [1, 2]) await expectRefusal(body, 'VALIDATION_FAILED');
});

async function expectRefusal(body: HostileRequest, code: string): Promise<void> {
  const { status, body: answer, text } = await gateway.rest('/graphql', { method: 'POST', body });
  expect([status, answer.data]).toEqual([400, undefined]);
  const errors: { extensions: { code: string } }[] = answer.errors;
  expect(new Set(errors.map(({ extensions }) => extensions.code))).toEqual(new Set([code]));
  expect(errors.length).toBeLessThanOrEqual(MAX_ERRORS);
  expect(text.length).toBeLessThanOrEqual(MAX_BYTES);
}
