import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { ACME, ACME_KEY, type Answer, type TestGateway, startTestGateway } from '../support/gateway.js';
import { startGatewayProcess } from '../support/gateway-process.js';

const VIEWER = 'query Viewer { viewer { tenantId } }';
const LIST = 'query List($n: String!) { chatGroups(businessNumber: $n, first: 2) { nodes { subject } } }';
const COSTLY = `query Costly { chatGroups(businessNumber: "${ACME.businessNumber}", first: 100) { nodes { participants { id } } } }`;
const UNTRUSTED = 'query Other { viewer { tenantName } }';
const hashOf = (query: string): string => createHash('sha256').update(query).digest('hex');

const folder = mkdtempSync(join(tmpdir(), 'documents-'));
afterAll(() => rmSync(folder, { recursive: true }));

function manifest(name: string, content: unknown): string {
  const file = join(folder, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

const apollo = (...documents: string[]): object => ({
  format: 'apollo-persisted-query-manifest',
  version: 1,
  operations: documents.map((body) => ({ id: hashOf(body), name: 'Any', type: 'query', body })),
});
const persisted = (sha256Hash: string): object => ({ persistedQuery: { version: 1, sha256Hash } });

type Method = 'GET' | 'POST';

function ask(gateway: TestGateway, method: Method, members: Record<string, unknown>): Promise<Answer> {
  if (method === 'POST') return gateway.rest('/graphql', { method, body: members });
  const parameters = Object.entries(members).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return gateway.rest(`/graphql?${new URLSearchParams(parameters).toString()}`);
}

const codeOf = ({ body }: Answer): unknown => body.errors?.[0].extensions.code;

describe.each([
  ['Apollo', 'trusted', apollo(VIEWER, LIST, COSTLY)],
  ['Apollo', 'any', apollo(VIEWER, LIST, COSTLY)],
  [
    'GraphQL Code Generator',
    'trusted',
    { [hashOf(VIEWER)]: VIEWER, [hashOf(LIST)]: LIST, [`sha256:${hashOf(COSTLY)}`]: COSTLY },
  ],
] as const)('with a manifest of %s and GRAPHQL_DOCUMENTS=%s', (name, mode, content) => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway({
      GRAPHQL_DOCUMENTS: mode,
      GRAPHQL_DOCUMENTS_FILE: manifest(`${name}-${mode}.json`, content),
      GRAPHQL_INTROSPECTION: 'true',
    });
  });
  afterAll(() => gateway.close());

  it.each(['GET', 'POST'] as const)('executes a document by its ID and by its hash: %s', async (method) => {
    const hash = hashOf(VIEWER);
    for (const named of [
      { documentId: hash },
      { documentId: `sha256:${hash}` },
      { extensions: persisted(hash) },
      { query: VIEWER, extensions: persisted(hash) },
    ]) {
      // Apollo executes a query the first time, and the fast path from then on.
      for (const _ of [1, 2]) {
        const { status, body } = await ask(gateway, method, named);
        expect([named, status, body]).toEqual([named, 200, { data: { viewer: { tenantId: 'acme' } } }]);
      }
    }
    const variables = { n: ACME.businessNumber };
    const list = await ask(gateway, method, { documentId: hashOf(LIST), variables });
    expect(list.body.data.chatGroups.nodes).toHaveLength(2);
  });

  it('keeps the limits', async () => {
    expect(codeOf(await ask(gateway, 'POST', { documentId: hashOf(COSTLY) }))).toBe('QUERY_REFUSED');
  });

  it.each(['GET', 'POST'] as const)('refuses an ID that is unknown or malformed: %s', async (method) => {
    for (const documentId of ['unknown', '', hashOf(UNTRUSTED)]) {
      const answer = await ask(gateway, method, { documentId });
      expect([answer.status, codeOf(answer)]).toEqual([400, 'QUERY_REFUSED']);
      expect(answer.body.errors[0].message).toBe('No trusted document has this ID.');
    }
    const documentId = hashOf(VIEWER);
    const extensions = { persistedQuery: { version: 1, sha256Hash: documentId } };
    for (const second of [{ query: VIEWER }, { extensions }])
      expect(codeOf(await ask(gateway, method, { documentId, ...second }))).toBe('VALIDATION_FAILED');
    if (method === 'POST')
      expect(codeOf(await ask(gateway, method, { documentId: 7 }))).toBe('VALIDATION_FAILED');
  });

  it.each(['GET', 'POST'] as const)(
    `${mode === 'any' ? 'executes' : 'refuses'} other documents: %s`,
    async (method) => {
      const hash = hashOf(UNTRUSTED);
      for (const members of [
        { query: UNTRUSTED },
        { query: VIEWER },
        { query: '{ __typename }' },
        { query: '{ __schema { queryType { name } } }' },
        { query: UNTRUSTED, extensions: persisted(hash) },
        { extensions: persisted(hash) },
      ]) {
        const answer = await ask(gateway, method, members);
        if (mode === 'any')
          expect([members, answer.status, codeOf(answer)]).toEqual([members, 200, undefined]);
        else {
          expect([members, answer.status, codeOf(answer)]).toEqual([members, 400, 'QUERY_REFUSED']);
          expect(answer.body.errors[0].message).toMatch(/^Only trusted documents are executed/);
        }
      }
      const forged = { query: UNTRUSTED, extensions: persisted(hashOf(VIEWER)) };
      expect(codeOf(await ask(gateway, method, forged))).toMatch(
        mode === 'any' ? /^VALIDATION_FAILED$/ : /^QUERY_REFUSED$/,
      );
    },
  );
});

it('follows changes of the file, and keeps the last good one', async () => {
  const file = manifest('watched.json', apollo(VIEWER));
  const settings = { GRAPHQL_DOCUMENTS: 'trusted', GRAPHQL_DOCUMENTS_FILE: file };
  const gateway = await startGatewayProcess(settings, ACME_KEY);
  const logged = (message: string): Promise<unknown> =>
    eventually(async () => gateway.output().includes(message) || undefined);
  const isTrusted = async (query: string): Promise<boolean> =>
    (await ask(gateway, 'POST', { documentId: hashOf(query) })).status === 200;
  try {
    expect([await isTrusted(VIEWER), await isTrusted(UNTRUSTED)]).toEqual([true, false]);
    manifest('watched.json', '{ "broken"');
    await logged('rejected GRAPHQL_DOCUMENTS_FILE');
    expect([await isTrusted(VIEWER), await isTrusted(UNTRUSTED)]).toEqual([true, false]);
    manifest('watched.json', apollo(UNTRUSTED));
    await logged('applied the documents file with 1 documents');
    expect([await isTrusted(VIEWER), await isTrusted(UNTRUSTED)]).toEqual([false, true]);
  } finally {
    await gateway.close();
  }
});
