import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { buildSchema } from 'graphql';
import { encodeChatGroupId } from '../../src/chat-groups/model/chat-group-id.js';
import { ACME, GLOBEX } from '../support/gateway.js';
import { queriesNaming } from '../support/inherited-names.js';
import { ACCEPTS, queryCases } from '../support/query-cases.js';
import { QueryWays, type GraphqlRequest } from '../support/query-ways.js';
import { argumentPool } from '../support/random-arguments.js';
import { RandomChoice } from '../support/random-choice.js';
import { randomRequest } from '../support/random-request.js';

const schema = buildSchema(readFileSync(new URL('../../schema.gql', import.meta.url), 'utf8'));
/** Fixed corpus of documents like those that the gateway tests send. */
const DOCUMENTS = JSON.parse(
  readFileSync(new URL('../support/graphql-corpus.json', import.meta.url), 'utf8'),
) as readonly { readonly query: string; readonly variables?: unknown }[];
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_260_301);
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 1_500);
const LIMIT_MS = 75_000;

let ways: QueryWays;
let ids: [string, ...string[]];

beforeAll(async () => {
  ways = await QueryWays.start();
  const groups = [...(await ways.sandbox.groups(ACME)).slice(0, 3), { groupId: 'unknown' }];
  const [foreign] = await ways.sandbox.groups(GLOBEX);
  const [first = '', ...others] = groups.map(({ groupId }) => encodeChatGroupId({ ...ACME, groupId }));
  ids = [first, ...others, encodeChatGroupId({ ...GLOBEX, groupId: foreign?.groupId ?? '' })];
});
afterAll(() => ways.close());
afterEach(() => {
  // Set if text from a caller was ever executed as code.
  expect(globalThis).not.toHaveProperty('literalRan');
});

interface ErrorBody {
  readonly errors: readonly { readonly path?: readonly (string | number)[] }[];
  readonly data?: unknown;
}

const byPath = (one: unknown): string => JSON.stringify((one as { path?: unknown }).path);

/**
 * Expects equal responses, with errors in any order. If an error nulls all data, timing decides which errors are
 * listed; then only the errors that both responses list must be equal. Source: the GraphQL specification, 6.4.4.
 */
async function expectEqual(request: GraphqlRequest): Promise<void> {
  const { interpreted, ...others } = await ways.ask(request);
  const { text, headers, ...expected } = interpreted;
  if (!text.startsWith('{"errors":')) {
    expect({ request, ...others }).toEqual({ request, fast: interpreted, again: interpreted });
    return;
  }
  const { errors, ...rest } = JSON.parse(text) as ErrorBody;
  for (const way of ['fast', 'again'] as const) {
    const { text: other, headers: theirs, ...response } = others[way];
    const { errors: found, ...body } = JSON.parse(other) as ErrorBody;
    expect({ request, ...response, ...body }).toEqual({ request, ...expected, ...rest });
    expect({ ...theirs, 'content-length': '' }).toEqual({ ...headers, 'content-length': '' });
    const listed = new Set(found.map(byPath));
    const inBoth = errors.map(byPath).filter((path) => listed.has(path));
    const paths = new Set(rest.data === null ? inBoth : [...found, ...errors].map(byPath));
    expect(found).not.toHaveLength(0);
    const shared = (list: ErrorBody['errors']): unknown[] =>
      list.filter((error) => paths.has(byPath(error))).toSorted((a, b) => (byPath(a) < byPath(b) ? -1 : 1));
    expect(shared(found)).toEqual(shared(errors));
  }
}

const cases = Object.keys(queryCases(''));

describe('a query on the fast path', () => {
  it.each(cases)('matches the graphql-js response: %s', async (name) => {
    const request = queryCases(ids[0])[name];
    if (!request) throw new Error(`There is no case ${name}.`);
    await expectEqual(request);
    await expectEqual({ ...request, method: 'GET' });
    await expectEqual({ ...request, headers: { 'graphql-cost': 'include' } });
  });

  it.each([...ACCEPTS, undefined])('matches the graphql-js response with Accept: %j', async (accept) => {
    const query = '{ viewer { tenantId } }';
    const accepted = accept === undefined ? {} : { accept };
    await expectEqual({ body: { query }, ...accepted });
    await expectEqual({ body: { query }, ...accepted, method: 'GET' });
    await expectEqual({ body: { query: '{ operation(id: "op_unknown") { id } }' }, ...accepted });
  });

  it.each([
    { operationName: null },
    { operationName: '' },
    { operationName: 'A' },
    { operationName: 'C' },
    { operationName: 7 },
    { variables: null },
    { variables: [] },
    { variables: '{}' },
    { extensions: {} },
    { extensions: null },
    { extensions: [] },
    { id: 1 },
    {},
  ])('matches the graphql-js response with other members in the body: %j', async (more) => {
    for (const query of [
      '{ viewer { tenantId } }',
      'query A { viewer { tenantId } }',
      'query A { viewer { tenantId } } query B { __typename }',
    ]) {
      await expectEqual({ body: { query, operationName: 'A' } });
      await expectEqual({ body: { query, ...more } });
      await expectEqual({ body: { query, ...more }, method: 'GET' });
    }
  });

  it.each(cases)('matches the graphql-js response to a persisted query: %s', async (name) => {
    const { body, ...others } = queryCases(ids[0])[name] ?? { body: {} };
    const { query, ...rest } = body;
    const sha256Hash = createHash('sha256').update(String(query)).digest('hex');
    const extensions = { persistedQuery: { version: 1, sha256Hash } };
    for (const method of ['GET', 'POST'] as const) {
      await expectEqual({ ...others, method, body: { ...body, extensions } });
      await expectEqual({ ...others, method, body: { ...rest, extensions } });
    }
  });

  it('matches the graphql-js response to a conditional GET', async () => {
    const query = `{ chatGroups(businessNumber: "${ACME.businessNumber}") { nodes { subject } } }`;
    const { interpreted } = await ways.ask({ body: { query }, method: 'GET' });
    const tag = String(interpreted.headers['etag']);
    for (const header of [tag, `W/${tag}`, '"other"', '*']) {
      const request = { body: { query }, method: 'GET', headers: { 'if-none-match': header } } as const;
      await expectEqual(request);
      expect((await ways.send(request)).status).toBe(header === '"other"' ? 200 : 304);
    }
  });

  it('matches the graphql-js response: every document of the corpus', async () => {
    for (const document of DOCUMENTS) {
      await expectEqual({ body: { ...document } });
      const variables = Object(document.variables) as object;
      // The IDs in the corpus belong to groups of an earlier run.
      if ('id' in variables)
        await expectEqual({ body: { ...document, variables: { ...variables, id: ids[0] } } });
    }
  }, 60_000);

  it.each(['constructor', 'hasOwnProperty', 'toString', 'valueOf', '__proto__'])(
    'matches the graphql-js response: queries that use the name %s',
    async (name) => {
      for (const body of queriesNaming(name)) {
        await expectEqual({ body });
        const { again } = await ways.ask({ body });
        expect({ body, again: again.text }).toEqual({ body, again: expect.not.stringContaining('INTERNAL') });
      }
    },
  );

  it.each(['malformed', 'throttle'])('matches the graphql-js error: %s', async (kind) => {
    await ways.sandbox.fault({ kind, action: 'ListChatGroup', count: 1_000 });
    const query = '{ chatGroups(businessNumber: "8613800000001", subject: "never seen") { totalCount } }';
    await expectEqual({ body: { query } });
    const { again } = await ways.ask({ body: { query } });
    expect(again.text).toMatch(/"code":"UPSTREAM_|"code":"RATE_LIMITED/);
    await ways.sandbox.clearFaults();
  });

  it(
    `matches the graphql-js response: random documents, seed ${SEED}`,
    async () => {
      const pool = argumentPool(ids);
      const property = fc.asyncProperty(fc.gen(), async (generated) => {
        await expectEqual(randomRequest(new RandomChoice(generated), schema, pool));
      });
      await fc.assert(property, {
        seed: SEED,
        numRuns: RUNS,
        interruptAfterTimeLimit: LIMIT_MS,
      });
      // Otherwise, graphql-js would mostly have been compared with itself.
      expect(ways.executed.fast).toBeGreaterThan(ways.executed.apollo / 8);
    },
    LIMIT_MS + 30_000,
  );
});
