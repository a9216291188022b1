import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ACME,
  type Answer,
  GLOBEX_KEY,
  READONLY_KEY,
  type RequestOptions,
  type TestGateway,
  startTestGateway,
} from '../support/gateway.js';

const ORIGIN = 'https://app.example';
const VIEWER = '{ viewer { tenantId } }';
const LIST = `query ($n: String!, $size: Int) {
  chatGroups(businessNumber: $n, first: $size) { totalCount nodes { groupId subject } }
}`;
const MEDIA_TYPE = 'application/graphql-response+json; charset=utf-8';
/** Sent by urql with every query. */
const URQL_ACCEPT =
  'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({ CACHE_FRESH_MS: '3600000', CORS_ORIGINS: ORIGIN });
});
afterAll(() => gateway.close());
beforeEach(() => gateway.sandbox.forgetCalls());

const get = (parameters: Record<string, string>, options: RequestOptions = {}): Promise<Answer> =>
  gateway.rest(`/graphql?${new URLSearchParams(parameters).toString()}`, options);
const list = (more: Record<string, unknown> = {}, options: RequestOptions = {}): Promise<Answer> =>
  get({ query: LIST, variables: JSON.stringify({ n: ACME.businessNumber, size: 3, ...more }) }, options);
const codeOf = ({ body }: Answer): unknown => body.errors[0].extensions.code;

describe('a query by GET', () => {
  it('returns what it returns by POST', async () => {
    const variables = { n: ACME.businessNumber, size: 3 };
    for (const _ of [1, 2, 3]) {
      const posted = await gateway.graphql(LIST, variables);
      const got = await list();
      expect([got.status, got.text]).toEqual([200, posted.text]);
      expect(got.body.data.chatGroups.nodes).toHaveLength(3);
    }
  });

  it('selects the operation by name', async () => {
    const query = 'query A { viewer { tenantId } } query B { viewer { tenantName } }';
    expect((await get({ query, operationName: 'A' })).body.data).toEqual({ viewer: { tenantId: 'acme' } });
    expect(codeOf(await get({ query, operationName: 'C' }))).toBe('QUERY_REFUSED');
  });

  it('is accepted as urql sends it, without a content type', async () => {
    const answer = await get({ query: VIEWER }, { headers: { accept: URQL_ACCEPT } });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, MEDIA_TYPE]);
  });

  it('requires credentials and uses their quota', async () => {
    const refused = await get({ query: VIEWER }, { key: null, headers: { origin: 'https://evil.example' } });
    expect([refused.status, codeOf(refused)]).toEqual([401, 'UNAUTHENTICATED']);
    const remaining = async (): Promise<number> => {
      const { headers } = await get({ query: VIEWER }, { key: GLOBEX_KEY });
      return Number(/r=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1]);
    };
    expect(await remaining()).toBe((await remaining()) + 1);
  });

  it('is within the limits of POST', async () => {
    const members = `query ($n: String!, $size: Int) {
      chatGroups(businessNumber: $n, first: $size) { nodes { participants { phoneNumber } } }
    }`;
    const variables = JSON.stringify({ n: ACME.businessNumber, size: 100 });
    const answer = await get({ query: members, variables });
    expect([answer.status, codeOf(answer)]).toEqual([400, 'QUERY_REFUSED']);
    expect(codeOf(await get({ query: `{ viewer { ${'a '.repeat(900)} } }` }))).toBe('QUERY_REFUSED');
    const long = await get({ query: `{ viewer { tenantId } } #${'a'.repeat(9_000)}` });
    expect([long.status, codeOf(long)]).toEqual([414, 'PAYLOAD_TOO_LARGE']);
    expect(await gateway.sandbox.actions()).toEqual([]);
  });

  it('never executes a mutation', async () => {
    const query = `mutation { createChatGroup(input: {
      businessNumber: "${ACME.businessNumber}", subject: "By GET" }) { requestId } }`;
    const both = `query A { viewer { tenantId } } ${query.replace('mutation', 'mutation B')}`;
    for (const answer of [await get({ query }), await get({ query: both, operationName: 'B' })]) {
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
      expect(answer.body.errors[0].extensions).toMatchObject({ code: 'METHOD_NOT_ALLOWED', status: 405 });
    }
    expect(await gateway.sandbox.actions()).toEqual([]);
  });

  it.each([
    ['variables', `query=${VIEWER}&variables={`],
    ['variables', `query=${VIEWER}&variables=[]`],
    ['variables', `query=${VIEWER}&variables=`],
    ['extensions', `query=${VIEWER}&extensions=null`],
    ['query', `query=${VIEWER}&query=${VIEWER}`],
    ['operationName', `query=${VIEWER}&operationName=A&operationName=B`],
    ['query', 'variables={}'],
    ['query', 'query='],
    ['query', ''],
  ])('names a malformed parameter: %s in %s', async (field, search) => {
    const answer = await gateway.rest(`/graphql?${search}`);
    expect([answer.status, codeOf(answer)]).toEqual([400, 'VALIDATION_FAILED']);
    expect(answer.body.errors[0].extensions.violations).toEqual([{ field, message: expect.any(String) }]);
  });

  it.each(['application/json; charset=utf-8', 'text/plain', 'x'])(
    'has no body for the type %s',
    async (type) => {
      expect((await get({ query: VIEWER }, { headers: { 'content-type': type } })).status).toBe(200);
    },
  );
});

describe('the entity tag of a response to GET', () => {
  const etagOf = (answer: Answer): string => answer.headers.get('etag') ?? 'none';
  const revalidate = (tag: string, options: RequestOptions = {}): Promise<Answer> =>
    list({}, { ...options, headers: { 'if-none-match': tag, ...options.headers } });

  it.each([
    [
      'a persisted query that is not known',
      { extensions: '{"persistedQuery":{"version":1,"sha256Hash":"0"}}' },
    ],
    [
      'a result with an error',
      { query: '{ viewer { tenantId } chatGroups(businessNumber: "8619900000000") { totalCount } }' },
    ],
  ])('is missing, and nothing is 304 or compressed, for %s', async (_, parameters) => {
    const headers = { 'if-none-match': '*', 'accept-encoding': 'gzip' };
    const answer = await get(parameters, { headers });
    expect([answer.status, etagOf(answer), answer.headers.get('content-encoding')]).toEqual([
      200,
      'none',
      null,
    ]);
    expect(answer.body.errors).toHaveLength(1);
  });

  it('is strong, and revalidates to 304, whoever executes the query', async () => {
    const query = `query Tagged { ${VIEWER.slice(1)}`;
    const first = await get({ query });
    expect(etagOf(first)).toMatch(/^"[\w-]{22}"$/);
    // Apollo executes a query the first time, and the fast path from then on.
    for (const _ of [1, 2, 3]) {
      expect(etagOf(await get({ query }))).toBe(etagOf(first));
      const again = await get({ query }, { headers: { 'if-none-match': etagOf(first), origin: ORIGIN } });
      expect([again.status, again.text, etagOf(again)]).toEqual([304, '', etagOf(first)]);
      expect(again.headers.get('cache-control')).toBe('private, no-cache');
      expect(again.headers.get('vary')).toBe('Origin, Accept, Accept-Encoding');
      expect(again.headers.get('content-type')).toBeNull();
    }
  });

  it('matches in a list, weakly, with the suffix of a compressed variant, or by *', async () => {
    const tag = etagOf(await list());
    for (const header of [`"a", ${tag}`, `W/${tag}`, `W/${tag.slice(0, -1)}-gzip"`, '*'])
      expect([header, (await revalidate(header)).status]).toEqual([header, 304]);
    for (const header of ['"a"', tag.slice(1, -1), `"${tag.slice(2)}`])
      expect([header, (await revalidate(header)).status]).toEqual([header, 200]);
  });

  it('changes with the response', async () => {
    await list();
    const tag = etagOf(await list());
    expect(etagOf(await list({ size: 2 }))).not.toBe(tag);
    const { groupId } = (await list()).body.data.chatGroups.nodes[0];
    const path = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups/${groupId}`;
    await gateway.rest(path, { method: 'PATCH', body: { subject: 'Another subject' } });
    const changed = await revalidate(tag);
    expect([changed.status, changed.body.data.chatGroups.nodes[0].subject]).toEqual([200, 'Another subject']);
  });

  it('differs between media types, as the representations do', async () => {
    const plain = await list({}, { headers: { accept: 'application/json' } });
    const other = await list({}, { headers: { accept: MEDIA_TYPE } });
    expect(other.text).toBe(plain.text);
    expect(etagOf(other)).not.toBe(etagOf(plain));
  });

  it('never gives a caller 304 for what another caller sees', async () => {
    const query = `{ chatGroups(businessNumber: "${ACME.businessNumber}") { nodes { inviteLink } } }`;
    const tag = etagOf(await get({ query }));
    const readonly = await get({ query }, { key: READONLY_KEY, headers: { 'if-none-match': tag } });
    expect(readonly.status).toBe(200);
    const stranger = await get({ query }, { key: null, headers: { 'if-none-match': tag } });
    expect(stranger.status).toBe(401);
  });

  it('is absent from refusals and from POST', async () => {
    expect((await get({ query: '{ nope }' })).headers.get('etag')).toBeNull();
    expect((await gateway.graphql(VIEWER)).headers.get('etag')).toBeNull();
  });
});

it('refuses methods other than GET and POST', async () => {
  for (const method of ['HEAD', 'PUT', 'DELETE', 'PATCH']) {
    const answer = await gateway.rest(`/graphql?query=${VIEWER}`, { method });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, POST']);
  }
});
