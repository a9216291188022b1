import { readFileSync, readdirSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ACME, type Answer, type TestGateway, startTestGateway } from '../support/gateway.js';

const GROUPS = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;
const QUERY = '{ viewer { tenantId } }';
const TEXTS = 'query ($numbers: [String!]) { spaceChatGroups(businessNumbers: $numbers) { totalCount } }';
const VIOLATION = 'must not be nested more than 32 levels deep';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterEach(() => gateway.sandbox.clearFaults());
afterAll(() => gateway.close());

const lists = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
const objects = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
const mixed = (depth: number): string => `${'[{"a":'.repeat(depth / 2)}1${'}]'.repeat(depth / 2)}`;
const search = (parameters: Record<string, string>): string =>
  `/graphql?${new URLSearchParams(parameters).toString()}`;

/** Every place where a caller can put nested JSON, and the field that the refusal names. */
const PLACES: readonly (readonly [string, string, (json: string) => Promise<Answer>])[] = [
  ['a REST body', 'body', (json) => gateway.rest(GROUPS, { method: 'POST', body: `{"subject":${json}}` })],
  ['a whole REST body', 'body', (json) => gateway.rest(GROUPS, { method: 'POST', body: json })],
  ['a GraphQL body', 'body', (json) => gateway.rest('/graphql', { method: 'POST', body: json })],
  [
    'variables',
    'body',
    (json) =>
      gateway.rest('/graphql', {
        method: 'POST',
        body: `{"query":${JSON.stringify(TEXTS)},"variables":{"numbers":${json}}}`,
      }),
  ],
  [
    'extensions',
    'body',
    (json) =>
      gateway.rest('/graphql', { method: 'POST', body: `{"query":"${QUERY}","extensions":{"a":${json}}}` }),
  ],
  [
    'variables of a URL',
    'variables',
    (json) => gateway.rest(search({ query: QUERY, variables: `{"a":${json}}` })),
  ],
  [
    'extensions of a URL',
    'extensions',
    (json) => gateway.rest(search({ query: QUERY, extensions: `{"a":${json}}` })),
  ],
];

describe.each(PLACES)('%s', (place, field, send) => {
  const depths = place.endsWith('URL') ? [34, 250] : [34, 5_000, 10_000];
  it.each(depths)('nested %i deep is refused by name', async (depth) => {
    for (const json of [lists(depth), objects(depth), mixed(depth)]) {
      const { status, body } = await send(json);
      expect(status).toBe(400);
      const { code, violations } = body.errors?.[0].extensions ?? body;
      expect([code, violations]).toEqual(['VALIDATION_FAILED', [{ field, message: VIOLATION }]]);
    }
  });
});

it('judges the brackets of nested JSON, not those of a text', async () => {
  const subject = '[{'.repeat(40);
  const { status, body } = await gateway.rest(GROUPS, { method: 'POST', body: { subject } });
  expect([status, body.subject ?? body.group?.subject]).toEqual([201, subject]);
});

it('names the type of a variable that is nested as deep as is allowed', async () => {
  const { status, body } = await gateway.rest('/graphql', {
    method: 'POST',
    body: `{"query":${JSON.stringify(TEXTS)},"variables":{"numbers":${lists(30)}}}`,
  });
  expect(status).toBe(400);
  expect(body.errors[0].extensions.code).toBe('VALIDATION_FAILED');
});

describe('a response of CAMS that is nested too deeply', () => {
  const list = (depth: number): string =>
    `{"Code":"OK","RequestId":"r","Data":{"Total":0,"List":[],"More":${lists(depth)}}}`;

  it.each([
    [200, list(40), 'UPSTREAM_UNAVAILABLE'],
    [200, list(100_000), 'UPSTREAM_UNAVAILABLE'],
    [200, `{"Code":"InvalidParameter.Page","Message":${lists(50_000)}}`, 'UPSTREAM_UNAVAILABLE'],
    [400, `{"Code":"InvalidParameter.Page","Message":${objects(5_000)}}`, 'UPSTREAM_UNAVAILABLE'],
    [200, lists(5_000), 'UPSTREAM_UNAVAILABLE'],
  ])('is malformed: status %i, case %#', async (status, body, code) => {
    await gateway.sandbox.fault({ kind: 'raw', status, body });
    const rest = await gateway.rest(GROUPS);
    expect([rest.status, rest.body.code]).toEqual([502, code]);
    const graphql = await gateway.graphql(
      `{ chatGroups(businessNumber: "${ACME.businessNumber}") { totalCount } }`,
    );
    expect(graphql.body.errors[0].extensions.code).toBe(code);
  });

  it('leaves the outcome of a write unknown', async () => {
    await gateway.sandbox.fault({ kind: 'raw', action: 'AddChatGroup', body: list(5_000) });
    const { body } = await gateway.rest(GROUPS, { method: 'POST', body: { subject: 'Kyoto' } });
    expect(body.code).toBe('OUTCOME_UNKNOWN');
  });

  it('is accepted if it is nested less deeply', async () => {
    await gateway.sandbox.fault({ kind: 'raw', body: list(29) });
    expect((await gateway.rest(GROUPS)).status).toBe(200);
  });
});

it.each(['faults', 'groups', 'members', 'settings', 'expire-token'])(
  'the control %s of the sandbox refuses nested JSON',
  async (control) => {
    const response = await fetch(`${gateway.sandbox.url}/__sandbox__/${control}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{"limits":${objects(5_000)}}`,
    });
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('JSON object')]);
  },
);

it('leaves parsing of text from outside to one function', () => {
  const folder = new URL('../../src/', import.meta.url);
  const callers = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
    .filter((file) => /\bJSON\.parse\(/.test(readFileSync(new URL(file, folder), 'utf8')));
  expect(callers.toSorted()).toEqual([
    // Only names the fields of a body that has passed the check.
    'errors/foreign-errors.ts',
    // The package's own files.
    'util/package-version.ts',
    'util/parse-json.ts',
    'util/require-node.ts',
    // In the browser, what the page says about itself.
    'web-ui/graphql-ide-start.ts',
  ]);
});
