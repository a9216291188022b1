import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createAdapter } from '../../src/http/adapter.js';
import { loadConfig } from '../../src/config/config.js';
import { ACME_KEY, READONLY_KEY, type TestGateway, startTestGateway } from '../support/gateway.js';
import { type RawAnswer, sendRaw } from '../support/raw-http.js';

const GROUPS = '/v1/spaces/cams-acme/numbers/8613800000001/groups';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({ TENANTS_FILE: 'test/support/tenants.quotas.yaml' });
});
afterAll(() => gateway.close());
beforeEach(() => gateway.sandbox.reset());

describe('refusals', () => {
  it.each([
    ['an unknown path', '/v2/groups', {}, 404, 'NOT_FOUND'],
    ['an unknown path below a known one', '/v1/viewer/x', {}, 404, 'NOT_FOUND'],
    ['a POST to an unknown path', '/v1/unknown', { method: 'POST', body: {} }, 404, 'NOT_FOUND'],
    ['a wrong method', '/v1/viewer', { method: 'DELETE' }, 405, 'METHOD_NOT_ALLOWED'],
    ['a wrong method with a body', GROUPS, { method: 'PUT', body: {} }, 405, 'METHOD_NOT_ALLOWED'],
    [
      'a media type that is not available',
      '/v1/viewer',
      { headers: { accept: 'text/csv' } },
      406,
      'NOT_ACCEPTABLE',
    ],
    ['a URL of 9 KiB', `/v1/viewer?x=${'a'.repeat(9_000)}`, {}, 414, 'PAYLOAD_TOO_LARGE'],
    ['a bad percent escape', '/v1/operations/%zz', {}, 400, 'VALIDATION_FAILED'],
    ['a bad percent escape in an unknown path', '/%', {}, 400, 'VALIDATION_FAILED'],
    ['no credentials', '/v1/viewer', { key: null }, 401, 'UNAUTHENTICATED'],
    [
      'a missing permission',
      GROUPS,
      { key: READONLY_KEY, method: 'POST', body: { subject: 'x' } },
      403,
      'FORBIDDEN',
    ],
  ] as const)('%s returns a problem of the catalogue', async (_, path, options, status, code) => {
    const { status: found, headers, body } = await gateway.rest(path, options);
    expect(found).toBe(status);
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(body).toMatchObject({ type: `/docs/errors#${code}`, status, code, retryable: false });
    expect(Object.keys(body)).toEqual(expect.arrayContaining(['title', 'detail', 'requestId']));
    expect(headers.get('x-request-id')).toBe(body.requestId);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(await gateway.sandbox.actions()).toEqual([]);
  });

  it('returns an error of the catalogue for a media type that GraphQL does not offer', async () => {
    const { status, body } = await gateway.graphql(
      '{ viewer { tenantId } }',
      {},
      { headers: { accept: 'text/csv' } },
    );
    expect([status, body.errors[0].extensions]).toEqual([
      406,
      { code: 'NOT_ACCEPTABLE', status: 406, retryable: false, requestId: expect.any(String) },
    ]);
  });

  it.each([
    ['/v1/viewer', 'GET, HEAD'],
    [GROUPS, 'GET, HEAD, POST'],
    [`${GROUPS}/g1`, 'DELETE, GET, HEAD, PATCH'],
    [`${GROUPS}/g1/invite-link`, 'DELETE, POST'],
    [`${GROUPS}/g1/participants`, 'GET, HEAD'],
    [`${GROUPS}/g1/participants/remove`, 'POST'],
    ['/v1/operations/op_1', 'GET, HEAD'],
  ])('lists the allowed methods in the response to a wrong method: %s', async (path, allow) => {
    const answer = await gateway.rest(path, { method: 'PUT', body: {} });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow]);
  });
});

describe('malformed HTTP', () => {
  it.each([
    ['nonsense', 'nonsense\r\n\r\n', 400, 'VALIDATION_FAILED'],
    ['a method that does not exist', 'FETCH / HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'VALIDATION_FAILED'],
    [
      'two content lengths',
      'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      400,
      'VALIDATION_FAILED',
    ],
    [
      'a content length with chunked encoding',
      'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      400,
      'VALIDATION_FAILED',
    ],
    [
      'a bare line feed in a header',
      'GET / HTTP/1.1\r\nHost: x\r\nA: b\nc\r\n\r\n',
      400,
      'VALIDATION_FAILED',
    ],
    [
      'headers of 20 KiB',
      `GET / HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(20_480)}\r\n\r\n`,
      431,
      'PAYLOAD_TOO_LARGE',
    ],
    // Node reads the methods of RTSP, too.
    ...['DESCRIBE', 'SETUP', 'PLAY', 'PAUSE', 'TEARDOWN', 'ANNOUNCE', 'RECORD', 'FLUSH']
      .concat(['REDIRECT', 'GET_PARAMETER', 'SET_PARAMETER'])
      .map((method): [string, string, number, string] => [
        method,
        `${method} / RTSP/1.0\r\n\r\n`,
        400,
        'VALIDATION_FAILED',
      ]),
  ])('returns a problem: %s', async (_, text, status, code) => {
    const answer = await sendRaw(gateway.url, [{ text }]);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toMatchObject({ code, status });
    expect(answer.head).toMatch(/Content-Type: application\/problem\+json/);
    expect(answer.head).toMatch(/X-Request-Id: [\w-]{36}/);
  });

  it.each([
    ['headers', [{ text: 'GET / HTTP/1.1\r\nHo' }]],
    [
      'a body',
      [
        {
          text: 'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
        },
      ],
    ],
  ])('returns 408 if it arrives too slowly: %s', async (_, pieces) => {
    const timeouts = { headersMs: 100, requestMs: 200, checkEveryMs: 20, stalledMs: 1_000 };
    const adapter = createAdapter(loadConfig(), timeouts);
    const fastify = adapter.getInstance();
    fastify.post('/', () => 'read');
    const url = await fastify.listen({ port: 0, host: '127.0.0.1' });
    const answer = await sendRaw(url, pieces);
    await fastify.close();
    expect(answer.status).toBe(408);
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'REQUEST_TIMEOUT', status: 408, retryable: true });
  });
});

it('decodes percent-encoded paths before routing', async () => {
  const query = await gateway.rest('/gr%61phql?query={nope}');
  expect([query.status, query.body.errors[0].extensions.code]).toEqual([400, 'QUERY_REFUSED']);
  const put = await gateway.rest('/v%31/viewer', { method: 'PUT' });
  expect([put.status, put.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  expect((await gateway.rest('/v1/viewer/')).status).toBe(404);
});

it.each(['/graphql#', '/graphql#?a', 'http://x/graphql', 'HTTPS://x:80/graphql#/v1'])(
  'routes a request target by its path: %s',
  async (target) => {
    const head = `Host: x\r\nConnection: close\r\nAuthorization: Bearer ${ACME_KEY}\r\n`;
    const ask = (method: string, rest: string): Promise<RawAnswer> =>
      sendRaw(gateway.url, [{ text: `${method} ${target} HTTP/1.1\r\n${head}${rest}` }]);
    const query = JSON.stringify({ query: '{ viewer { tenantId } }' });
    const body = `Content-Type: application/json\r\nContent-Length: ${query.length}\r\n\r\n${query}`;
    expect((await ask('POST', body)).status).toBe(200);
    const keyed = await ask('POST', `Idempotency-Key: abc\r\n${body}`);
    expect([keyed.status, keyed.body]).toEqual([400, expect.stringContaining('"errors":')]);
    expect((await ask('GET', '\r\n')).status).toBe(400);
    expect((await ask('DELETE', '\r\n')).status).toBe(405);
  },
);

it('does not treat the authority of a request target as part of its path', async () => {
  const head = `Host: x\r\nConnection: close\r\nAuthorization: Bearer ${ACME_KEY}\r\n\r\n`;
  const ask = async (target: string): Promise<number> =>
    (await sendRaw(gateway.url, [{ text: `GET ${target} HTTP/1.1\r\n${head}` }])).status;
  expect(await ask(`http://x${GROUPS}?size=1`)).toBe(200);
  expect(await ask('http://x/v1/viewer')).toBe(200);
  expect(await ask('http://x/v1/none')).toBe(404);
  expect(await ask('http:///v1/viewer')).toBe(400);
  expect(await ask('ftp://x/v1/viewer')).toBe(404);
});

it.each(['GET /v1/viewer HTTP/1.1\r\n', 'GET /v1/viewer HTTP/1.1\r\nHost: a\r\nExpect: more\r\n'])(
  'handles requests that Node would reject: %j',
  async (head) => {
    const { status, body } = await sendRaw(gateway.url, [{ text: `${head}Connection: close\r\n\r\n` }]);
    expect(status).toBe(401);
    expect(body).toContain('UNAUTHENTICATED');
  },
);

it('refuses a body that is not UTF-8', async () => {
  const send = (body: Buffer, type: string): Promise<Response> =>
    fetch(gateway.url + GROUPS, {
      method: 'POST',
      headers: { authorization: `Bearer ${ACME_KEY}`, 'content-type': type },
      body: new Uint8Array(body),
    });
  const broken = Buffer.concat([Buffer.from('{"subject":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
  expect((await send(broken, 'application/json')).status).toBe(400);
  expect((await send(Buffer.from('{"subject":"a"}'), 'application/json; charset=utf-16')).status).toBe(415);
});
