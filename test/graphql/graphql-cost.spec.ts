import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ACME, type Answer, type TestGateway, startTestGateway } from '../support/gateway.js';

const ORIGIN = 'https://app.example';
const INCLUDE = { 'graphql-cost': 'include' };

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({ CACHE_FRESH_MS: '3600000', CORS_ORIGINS: ORIGIN });
});
afterAll(() => gateway.close());
beforeEach(() => gateway.sandbox.forgetCalls());

/** A list of 100 groups whose members are selected under a condition. With them, it would cost 101 upstream calls. */
const members = (condition: string, definitions = ''): string =>
  `query ${definitions} { chatGroups(businessNumber: "${ACME.businessNumber}", first: 100) { nodes { id participants ${condition} { id } } } }`;
const OPTIONAL = '($a: Boolean)';
const FRAGMENT = 'fragment Members on ChatGroup { participants { id } }';

const statusOf = async (query: string, variables: Record<string, unknown>): Promise<unknown[]> => {
  const { status, body } = await gateway.graphql(query, variables);
  return [status, body.errors?.[0].extensions.code];
};

describe('the cost of a query', () => {
  it.each<readonly [string, Record<string, unknown>]>([
    [members('@skip(if: true)'), {}],
    [members('@include(if: false)'), {}],
    [members('@skip(if: false) @include(if: false)'), {}],
    [members('@skip(if: $a)', '($a: Boolean!)'), { a: true }],
    [members('@include(if: $a)', '($a: Boolean!)'), { a: false }],
    [members('@include(if: $a)', '($a: Boolean! = false)'), {}],
    [members('@include(if: $constructor)', '($constructor: Boolean! = false)'), {}],
    [`${members('').replace('participants  { id }', '...Members @skip(if: true)')} ${FRAGMENT}`, {}],
    [members('').replace('participants  { id }', '... @include(if: false) { participants { id } }'), {}],
  ])('does not count what is excluded: %s, %j', async (query, variables) => {
    // Apollo executes a query the first time, and the fast path from then on.
    for (const _ of [1, 2, 3]) expect(await statusOf(query, variables)).toEqual([200, undefined]);
    const actions = await gateway.sandbox.actions();
    expect(actions.filter((action) => action.endsWith('Participants'))).toEqual([]);
  });

  it.each<readonly [string, Record<string, unknown>]>([
    [members('@skip(if: false)'), {}],
    [members('@include(if: true)'), {}],
    [members('@skip(if: $a)', '($a: Boolean!)'), { a: false }],
    [members('@include(if: $a)', '($a: Boolean! = false)'), { a: true }],
    [members('@skip(if: $a)', '($a: Boolean! = false)'), {}],
    [members('@skip(if: $a)', '($a: Boolean = true)'), { a: null }],
    [members('@skip(if: $a)', '($a: Boolean!)'), { a: 'true' }],
    [members('@skip(if: $a)', '($a: Boolean!)'), {}],
    [`${members('').replace('participants  { id }', '...Members @skip(if: false)')} ${FRAGMENT}`, {}],
  ])('counts what is included, or may be: %s, %j', async (query, variables) => {
    for (const _ of [1, 2]) expect(await statusOf(query, variables)).toEqual([400, 'QUERY_REFUSED']);
    expect(await gateway.sandbox.actions()).toEqual([]);
  });

  it('is judged again for each request', async () => {
    const query = members('@include(if: $a)', '($a: Boolean!)');
    for (const a of [false, true, false, true])
      expect(await statusOf(query, { a })).toEqual(a ? [400, 'QUERY_REFUSED'] : [200, undefined]);
  });

  it('takes an explicit null as a size for the default size, not for the default of the variable', async () => {
    const lists = [1, 2, 3, 4].map(
      (index) =>
        `a${index}: chatGroups(businessNumber: "${ACME.businessNumber}", first: $n) { nodes { participants { id } } }`,
    );
    const query = `query ($n: Int = 1) { ${lists.join(' ')} }`;
    expect(await statusOf(query, { n: null })).toEqual([400, 'QUERY_REFUSED']);
  });
});

/** A list over several business numbers. */
function numbers(value: string, variables = ''): string {
  return `query ${variables} { spaceChatGroups(businessNumbers: ${value}) { totalCount } }`;
}

describe('extensions.cost', () => {
  const QUERY = `query ${OPTIONAL.replace(')', ' = false)')} {
    chatGroups(businessNumber: "${ACME.businessNumber}", first: 7) { nodes { id participants @skip(if: $a) { id } } }
  }`;
  const cost = (upstreamCalls: number): object => ({
    cost: {
      upstreamCalls,
      maxUpstreamCalls: 60,
      responseBytes: expect.any(Number),
      maxResponseBytes: 512 * 1024,
    },
  });
  const ask = (variables: object, headers: Record<string, string> = INCLUDE): Promise<Answer> =>
    gateway.rest('/graphql', { method: 'POST', body: { query: QUERY, variables }, headers });

  it('is sent on request only, by Apollo and by the fast path', async () => {
    for (const _ of [1, 2, 3]) {
      const { data, ...rest } = (await ask({ a: true })).body;
      expect(data.chatGroups.nodes).toHaveLength(7);
      expect(rest).toEqual({ extensions: cost(1) });
      expect((await ask({ a: false })).body.extensions).toEqual(cost(8));
      for (const value of ['', 'no'])
        expect(Object.keys((await ask({ a: true }, { 'graphql-cost': value })).body)).toEqual(['data']);
    }
  });

  it('is sent with errors, and with the refusal of a query that costs too much', async () => {
    const failing = { query: '{ operation(id: "op_lost") { id } viewer { tenantId } }' };
    for (const _ of [1, 2]) {
      const { body } = await gateway.rest('/graphql', { method: 'POST', body: failing, headers: INCLUDE });
      expect(Object.keys(body)).toEqual(['errors', 'data', 'extensions']);
      expect(body.extensions).toEqual(cost(2));
    }
    const refused = await gateway.rest('/graphql', {
      method: 'POST',
      body: { query: members('') },
      headers: INCLUDE,
    });
    expect([refused.status, refused.body.extensions]).toEqual([400, cost(101)]);
  });

  it.each<[string, number, object?]>([
    ['{ viewer { tenantId } viewer { tenantName } }', 1],
    ['{ viewer { tenantId } ...A } fragment A on Query { viewer { tenantName } a: viewer { tenantId } }', 2],
    [numbers('["8613800000001"]'), 1],
    [numbers('"8613800000001"'), 1],
    [numbers('null'), 10],
    [numbers('$n', '($n: [String!])'), 1, { n: '8613800000001' }],
    [numbers('$n', '($n: [String!])'), 1, { n: ['8613800000001'] }],
    [numbers('$n', '($n: [String!])'), 10, { n: null }],
    [numbers('$n', '($n: [String!])'), 10],
    [numbers('$n', '($n: [String!] = ["8613800000001"])'), 1],
    [numbers('$n', '($n: [String!] = "8613800000001")'), 1],
  ])('counts what is executed once as one call: %s', async (query, upstreamCalls, variables = {}) => {
    for (const _ of [1, 2]) {
      const body = { query, variables };
      const answer = await gateway.rest('/graphql', { method: 'POST', body, headers: INCLUDE });
      expect([answer.status, answer.body.errors, answer.body.extensions]).toEqual([
        200,
        undefined,
        cost(upstreamCalls),
      ]);
    }
  });

  it('is sent by GET, under a tag of its own', async () => {
    const path = `/graphql?query=${encodeURIComponent(QUERY)}`;
    const plain = await gateway.rest(path);
    const priced = await gateway.rest(path, { headers: INCLUDE });
    expect(priced.body.extensions).toEqual(cost(8));
    expect(priced.headers.get('etag')).not.toBe(plain.headers.get('etag'));
  });

  it('may be requested by pages of other origins', async () => {
    const preflight = await gateway.rest('/graphql', {
      key: null,
      method: 'OPTIONS',
      headers: {
        origin: ORIGIN,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,graphql-cost',
      },
    });
    expect(preflight.headers.get('access-control-allow-headers')).toContain('graphql-cost');
  });
});
