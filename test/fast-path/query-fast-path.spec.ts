import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { encodeChatGroupId } from '../../src/chat-groups/model/chat-group-id.js';
import { eventually } from '../support/eventually.js';
import { ACME, ACME_KEY, GLOBEX_KEY, type Json } from '../support/gateway.js';
import { gatewayClient } from '../support/gateway-client.js';
import { startGatewayProcess } from '../support/gateway-process.js';
import { QueryWays } from '../support/query-ways.js';

/** Maximum number of cached queries. */
const ROOM = 500;
const VIEWER = '{ viewer { tenantId } }';
const MEMBERS = `query ($n: Int) {
  chatGroups(businessNumber: "${ACME.businessNumber}", first: $n) { nodes { participants { phoneNumber } } }
}`;

let ways: QueryWays;

beforeAll(async () => {
  ways = await QueryWays.start();
});
afterAll(() => ways.close());

const send = (query: string, variables?: Record<string, unknown>): ReturnType<QueryWays['send']> =>
  ways.send({ body: { query, ...(variables && { variables }) } });

/** Counts the queries that Apollo and the fast path execute during the action. */
async function asked(what: () => Promise<unknown>): Promise<{ apollo: number; fast: number }> {
  const { apollo, fast } = { ...ways.executed };
  await what();
  const now = ways.executed;
  return { apollo: now.apollo - apollo, fast: now.fast - fast };
}

describe('a query', () => {
  it('is executed by Apollo the first time and bypasses Apollo from then on', async () => {
    const query = '{ viewer { tenantId tenantName } }';
    expect(await asked(() => send(query))).toEqual({ apollo: 1, fast: 0 });
    expect(await asked(() => send(query))).toEqual({ apollo: 0, fast: 1 });
    expect(await asked(() => send(`${query} `))).toEqual({ apollo: 1, fast: 0 });
  });

  it('is identified by its text and operation name', async () => {
    const query = 'query A { viewer { tenantId } } query B { viewer { tenantName } }';
    const named = (operationName: string): Promise<unknown> => ways.send({ body: { query, operationName } });
    await named('A');
    expect(await asked(() => named('A'))).toEqual({ apollo: 0, fast: 1 });
    expect(await asked(() => named('B'))).toEqual({ apollo: 1, fast: 0 });
    expect(await asked(() => send(query))).toEqual({ apollo: 0, fast: 0 });
  });

  it('is the same query by GET and by POST', async () => {
    const query = '{ viewer { byBoth: tenantId } }';
    const ask = (method: 'GET' | 'POST') => (): Promise<unknown> => ways.send({ body: { query }, method });
    expect(await asked(ask('GET'))).toEqual({ apollo: 1, fast: 0 });
    expect(await asked(ask('POST'))).toEqual({ apollo: 0, fast: 1 });
    expect(await asked(ask('GET'))).toEqual({ apollo: 0, fast: 1 });
  });

  it('is not confused with one whose variables only have the same JSON', async () => {
    const query = `query ($n: Int) { chatGroups(businessNumber: "${ACME.businessNumber}", first: $n) { nodes { groupId } } }`;
    for (let n = 0; n < 3; n += 1) await send(query, { n: null });
    for (const number of ['1e400', '-1e400']) {
      const body = JSON.stringify({ query, variables: { n: 0 } }).replace('"n":0', `"n":${number}`);
      const headers = { Authorization: `Bearer ${ACME_KEY}`, 'Content-Type': 'application/json' };
      const response = await fetch(`${ways.url}/graphql`, { method: 'POST', headers, body });
      expect(await response.text()).toContain('VALIDATION_FAILED');
    }
  });

  it('is found by its hash, and stored although it was admitted before', async () => {
    const query = '{ viewer { byHash: tenantId } }';
    const sha256Hash = createHash('sha256').update(query).digest('hex');
    const extensions = { persistedQuery: { version: 1, sha256Hash } };
    await send(query);
    expect((await ways.send({ body: { extensions } })).text).toContain('"PersistedQueryNotFound"');
    expect(await asked(() => ways.send({ body: { query, extensions } }))).toEqual({ apollo: 1, fast: 0 });
    for (const method of ['GET', 'POST'] as const)
      expect(await asked(() => ways.send({ body: { extensions }, method }))).toEqual({ apollo: 0, fast: 1 });
    expect(await asked(() => ways.send({ body: { query, extensions } }))).toEqual({ apollo: 0, fast: 1 });
  });

  it('is executed by Apollo again after it was evicted', async () => {
    const query = '{ viewer { tenantName } }';
    await send(query);
    for (let other = 0; other < ROOM; other += 1) await send(`{ viewer { a${other}: tenantId } }`);
    expect(await asked(() => send(query))).toEqual({ apollo: 1, fast: 0 });
  });

  it('is checked against the limits every time if its cost depends on variables', async () => {
    expect(await asked(() => send(MEMBERS, { n: 2 }))).toEqual({ apollo: 1, fast: 0 });
    expect(await asked(() => send(MEMBERS, { n: 2 }))).toEqual({ apollo: 0, fast: 1 });
    await ways.sandbox.forgetCalls();
    const { status, text } = await send(MEMBERS, { n: 100 });
    expect([status, JSON.parse(text).errors[0].extensions.code]).toEqual([400, 'QUERY_REFUSED']);
    expect(await ways.sandbox.actions()).toEqual([]);
  });

  it('makes no upstream call twice if a part of it fails', async () => {
    const query = `query ($from: Int!) {
      chatGroups(businessNumber: "${ACME.businessNumber}", first: 2, offset: $from) { nodes { participants { phoneNumber } } }
      viewer { tenantId }
    }`;
    await send(query, { from: 10 });
    await ways.sandbox.fault({ kind: 'malformed', action: 'ListChatGroupParticipants', count: 1 });
    await ways.sandbox.forgetCalls();
    let errors: unknown;
    const failing = async (): Promise<void> => {
      ({ errors } = JSON.parse((await send(query, { from: 12 })).text));
    };
    expect(await asked(failing)).toEqual({ apollo: 0, fast: 1 });
    expect(errors).toHaveLength(1);
    expect((await ways.sandbox.actions()).filter((action) => action.endsWith('Participants'))).toHaveLength(
      2,
    );
  });

  it('makes no upstream calls for fields that its conditions exclude', async () => {
    const query = `query ($all: Boolean!) { viewer { tenantId } ...Lists @include(if: $all) }
      fragment Lists on Query { ...List } fragment List on Query { chatGroups(businessNumber: "${ACME.businessNumber}", subject: "unseen") { totalCount } }`;
    await send(query, { all: false });
    await ways.sandbox.forgetCalls();
    expect(await asked(() => send(query, { all: false }))).toEqual({ apollo: 0, fast: 1 });
    expect(await ways.sandbox.actions()).toEqual([]);
    expect(await asked(() => send(query, { all: true }))).toEqual({ apollo: 0, fast: 1 });
    expect(await ways.sandbox.actions()).toEqual(['ListChatGroup']);
  });

  it('never includes mutations, which Apollo always executes', async () => {
    const [group] = await ways.sandbox.groups(ACME);
    const id = encodeChatGroupId({ ...ACME, groupId: group?.groupId ?? '' });
    const mutation =
      'mutation ($id: ID!) { updateChatGroup(input: { id: $id, subject: "Again" }) { coherence } }';
    for (const _ of [1, 2]) expect(await asked(() => send(mutation, { id }))).toEqual({ apollo: 1, fast: 0 });
  });

  it('is still refused once cached: without credentials, with a wrong content type, or if too large', async () => {
    await send(VIEWER);
    const { rest } = gatewayClient(ways.url, ACME_KEY);
    const post = { method: 'POST', body: { query: VIEWER } };
    const refusals: readonly [number, string, Parameters<typeof rest>[1]][] = [
      [401, 'UNAUTHENTICATED', { ...post, key: null }],
      [401, 'UNAUTHENTICATED', { ...post, key: `${ACME_KEY.slice(0, -1)}x` }],
      [415, 'UNSUPPORTED_MEDIA_TYPE', { ...post, headers: { 'content-type': 'text/plain' } }],
      [413, 'PAYLOAD_TOO_LARGE', { ...post, body: { query: VIEWER, variables: { a: 'x'.repeat(65_536) } } }],
      [405, 'METHOD_NOT_ALLOWED', { ...post, method: 'PUT' }],
    ];
    for (const [status, code, options] of refusals) {
      const { apollo, fast } = await asked(async () => {
        const answer = await rest('/graphql', options);
        expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([status, code]);
      });
      expect([apollo, fast]).toEqual([0, 0]);
    }
  });

  it('counts against the quota once cached and is refused beyond it', async () => {
    const body = { query: VIEWER };
    await send(VIEWER);
    const statuses: number[] = [];
    while (statuses.length < 4) statuses.push((await ways.send({ body, key: GLOBEX_KEY })).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
  });
});

describe('the operation metric', () => {
  let before: Record<string, number>;

  const counts = async (): Promise<Record<string, number>> => {
    const { values } = await ways.metrics.graphqlOperations.get();
    return Object.fromEntries(
      values.map(({ labels, value }) => [`${labels.path} ${labels.operation}`, value]),
    );
  };
  const counted = async (kind: string): Promise<number> =>
    ((await counts())[kind] ?? 0) - (before[kind] ?? 0);

  beforeEach(async () => {
    before = await counts();
  });

  it('counts a query as interpreted the first time and as compiled afterwards', async () => {
    const query = '{ viewer { b: tenantId } }';
    for (const _ of [1, 2, 3]) await send(query);
    expect([await counted('compiled query'), await counted('interpreted query')]).toEqual([2, 1]);
  });

  it('counts a query as compiled for every value of its conditions', async () => {
    const query = 'query ($a: Boolean!) { viewer { tenantId @include(if: $a) tenantName tenantId } }';
    for (const a of [true, false, true]) await send(query, { a });
    expect([await counted('compiled query'), await counted('interpreted query')]).toEqual([2, 1]);
  });

  it('counts operations that graphql-js executes as interpreted', async () => {
    const query = '{ __type(name: "Viewer") { name } }';
    for (const _ of [1, 2]) await send(query);
    const failing = '{ operation(id: "op_lost") { id } }';
    for (const _ of [1, 2]) await send(failing);
    await send('mutation { deleteChatGroup(input: { id: "x" }) { deletedId } }');
    const kinds = ['compiled query', 'interpreted query', 'interpreted mutation'];
    expect(await Promise.all(kinds.map(counted))).toEqual([0, 4, 1]);
  });

  it('does not count refused operations', async () => {
    const query = 'query A($n: String!) { chatGroups(businessNumber: $n) { totalCount } }';
    for (const variables of [{}, { n: 5 }]) await send(query, variables);
    await ways.send({ body: { query, operationName: 'B' } });
    await send('{ nope }');
    expect(await counts()).toEqual(before);
  });
});

it('logs a query identically when it is new and when it is cached', async () => {
  const gateway = await startGatewayProcess({ LOG_LEVEL: 'info' }, ACME_KEY);
  const lines = (): Json[] =>
    gateway
      .output()
      .split('\n')
      .filter((line) => line.includes('"route":"/graphql"'))
      .map((line) => JSON.parse(line));
  try {
    for (const _ of [1, 2]) await gateway.graphql('query Lost { operation(id: "op_unknown") { id } }');
    const [first, second] = await eventually(async () => (lines().length < 2 ? undefined : lines()));
    expect(first).toMatchObject({ operation: 'Lost', code: 'NOT_FOUND', status: 200, tenant: 'acme' });
    const { time, requestId, durationMs } = first;
    expect({ ...second, time, requestId, durationMs }).toEqual(first);
  } finally {
    await gateway.close();
  }
});
