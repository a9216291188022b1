import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createAdapter } from '../src/http/adapter.js';
import { loadConfig } from '../src/config.js';
import { ACME_KEY, GLOBEX_KEY, READONLY_KEY, type TestGateway, startTestGateway } from './support/gateway.js';
import { sendRaw } from './support/raw-http.js';

let gateway: TestGateway;
const GROUPS = '/v1/spaces/cams-acme/numbers/8613800000001/groups';
const ORIGIN = 'https://app.example.com';

beforeAll(async () => {
  gateway = await startTestGateway({
    TENANTS_FILE: 'test/support/tenants.quotas.yaml',
    CORS_ORIGINS: `${ORIGIN},https://other.example.com`,
  });
});
afterAll(() => gateway.close());
beforeEach(() => gateway.sandbox.reset());

describe('refusals', () => {
  it.each([
    ['an unknown path', '/v2/groups', {}, 404, 'NOT_FOUND'],
    ['an unknown path below a known one', '/v1/viewer/x', {}, 404, 'NOT_FOUND'],
    ['an unknown path asked by POST', '/v1/unknown', { method: 'POST', body: {} }, 404, 'NOT_FOUND'],
    ['a wrong method', '/v1/viewer', { method: 'DELETE' }, 405, 'METHOD_NOT_ALLOWED'],
    ['a wrong method with a body', GROUPS, { method: 'PUT', body: {} }, 405, 'METHOD_NOT_ALLOWED'],
    [
      'an answer that is not to be had',
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
  ] as const)('%s is a problem of the catalogue', async (_, path, options, status, code) => {
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

  it('an answer that GraphQL does not give is one of the catalogue too', async () => {
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
  ])('a wrong method is told the right ones: %s', async (path, allow) => {
    const answer = await gateway.rest(path, { method: 'PUT', body: {} });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow]);
  });
});

describe('bytes that no client sends', () => {
  it.each([
    ['nonsense', 'nonsense\r\n\r\n', 400, 'VALIDATION_FAILED'],
    ['a method that does not exist', 'FETCH / HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'VALIDATION_FAILED'],
    [
      'two lengths',
      'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      400,
      'VALIDATION_FAILED',
    ],
    [
      'a length beside chunks',
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
  ])('are answered by a problem: %s', async (_, text, status, code) => {
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
  ])('that arrive too slowly are answered by 408: %s', async (_, pieces) => {
    const adapter = createAdapter(loadConfig(), { headersMs: 100, requestMs: 200, checkEveryMs: 20 });
    const fastify = adapter.getInstance();
    fastify.post('/', () => 'read');
    const url = await fastify.listen({ port: 0, host: '127.0.0.1' });
    const answer = await sendRaw(url, pieces);
    await fastify.close();
    expect(answer.status).toBe(408);
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'REQUEST_TIMEOUT', status: 408, retryable: true });
  });
});

describe('headers', () => {
  it.each(['a', 'abc-123_x.y:z', 'b3d9c1f0-0000-4000-8000-000000000000', 'a'.repeat(128)])(
    'repeat a sane X-Request-Id: %s',
    async (id) => {
      const answer = await gateway.rest('/v1/viewer', { headers: { 'x-request-id': id } });
      expect(answer.headers.get('x-request-id')).toBe(id);
      const refused = await gateway.rest('/v1/unknown', { headers: { 'x-request-id': id } });
      expect(refused.body.requestId).toBe(id);
    },
  );

  it.each(['8613800000001', 'u8613812345678', 'a b', 'a'.repeat(129), '<script>', 'a;b', 'é', ''])(
    'replace an X-Request-Id that is none: %j',
    async (id) => {
      const answer = await gateway.rest('/v1/viewer', { headers: { 'x-request-id': id } });
      expect(answer.headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
    },
  );

  it('protect whoever shows an answer', async () => {
    const { headers } = await gateway.rest('/v1/viewer');
    const told = ['connection', 'content-length', 'content-type', 'date', 'keep-alive', 'x-request-id'];
    const quota = ['ratelimit', 'ratelimit-policy'];
    const rest = [...headers].filter(([name]) => ![...told, ...quota].includes(name));
    expect(Object.fromEntries(rest)).toEqual({
      'access-control-expose-headers': expect.stringContaining('X-Request-Id'),
      'cache-control': 'private, no-cache',
      'content-security-policy': "default-src 'none'",
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'origin-agent-cluster': '?1',
      'referrer-policy': 'no-referrer',
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      vary: 'Origin',
      'x-content-type-options': 'nosniff',
      'x-dns-prefetch-control': 'off',
      'x-download-options': 'noopen',
      'x-frame-options': 'SAMEORIGIN',
      'x-permitted-cross-domain-policies': 'none',
      'x-xss-protection': '0',
    });
  });

  it('say what may be stored: a read by its caller, after asking; nothing else by anybody', async () => {
    const read = await gateway.rest(GROUPS);
    expect(read.headers.get('cache-control')).toBe('private, no-cache');
    expect(read.headers.get('cache-status')).toMatch(/^chatgroup-gateway; /);
    expect(read.headers.get('age')).toMatch(/^\d+$/);
    expect(read.headers.get('x-upstream-request-id')).toMatch(/^\S+$/);
    const write = await gateway.rest(GROUPS, { method: 'POST', body: { subject: 'Stored nowhere' } });
    expect([write.status, write.headers.get('cache-control')]).toEqual([201, 'no-store']);
    expect(write.headers.get('location')).toBe(`${GROUPS}/${write.body.groupId}`);
    const query = await gateway.graphql('{ viewer { tenantId } }');
    expect(query.headers.get('cache-control')).toBe('no-store');
  });

  it('are the same for HEAD, without a body', async () => {
    const head = await gateway.rest(GROUPS, { method: 'HEAD' });
    const get = await gateway.rest(GROUPS);
    expect([head.status, head.text]).toEqual([200, '']);
    for (const name of ['etag', 'link', 'content-type', 'cache-control'])
      expect([name, head.headers.get(name)]).toEqual([name, get.headers.get(name)]);
  });

  it.each([
    ['page=1&size=20', { first: 1, next: 2, last: 3 }],
    ['page=2&size=20', { first: 1, prev: 1, next: 3, last: 3 }],
    ['page=3&size=20', { first: 1, prev: 2, last: 3 }],
    ['page=9&size=20', { first: 1, prev: 3, last: 3 }],
    ['size=100', { first: 1, last: 1 }],
    ['subject=%26%3Dnobody%20has%20it&status=ACTIVE', { first: 1, last: 1 }],
  ])('link the neighbours of a page: %s', async (query, expected) => {
    const { headers, status, body } = await gateway.rest(`${GROUPS}?${query}`);
    expect([status, body.detail, body.upstreamCode]).toEqual([200, undefined, undefined]);
    const links = (headers.get('link') ?? '').split(', ').map((link) => {
      const [, target = '', rel = ''] = /^<([^>]+)>; rel="(\w+)"$/.exec(link) ?? [];
      return { rel, url: new URL(target, gateway.url), target };
    });
    expect(
      Object.fromEntries(links.map(({ rel, url }) => [rel, Number(url.searchParams.get('page'))])),
    ).toEqual(expected);
    for (const { target, url } of links) {
      expect(target.startsWith(`${GROUPS}?`)).toBe(true);
      for (const [name, value] of new URLSearchParams(query))
        if (name !== 'page') expect(url.searchParams.get(name)).toBe(value);
      expect((await gateway.rest(target)).status).toBe(200);
    }
  });
});

describe('credentials', () => {
  it('are asked for', async () => {
    for (const path of ['/v1/viewer', '/graphql']) {
      const options =
        path === '/graphql' ? { method: 'POST', body: { query: '{ viewer { tenantId } }' } } : {};
      const answer = await gateway.rest(path, { ...options, key: null });
      expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    }
  });

  it('may come as X-Api-Key, alone or beside the same bearer, and not beside another', async () => {
    const viewer = async (key: string | null, apiKey: string): Promise<number> =>
      (await gateway.rest('/v1/viewer', { key, headers: { 'x-api-key': apiKey } })).status;
    expect(await viewer(null, ACME_KEY)).toBe(200);
    expect(await viewer(ACME_KEY, ACME_KEY)).toBe(200);
    expect(await viewer(ACME_KEY, READONLY_KEY)).toBe(401);
    expect(await viewer(null, 'nonsense')).toBe(401);
  });
});

it('tells the quota of a tenant, and refuses what is over it', async () => {
  const answers = [];
  for (let i = 0; i < 4; i += 1) answers.push(await gateway.rest('/v1/viewer', { key: GLOBEX_KEY }));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
  expect(answers.map(({ headers }) => headers.get('ratelimit-policy'))).toEqual(
    Array(4).fill('"tenant";q=3;w=60'),
  );
  expect(answers.map(({ headers }) => /r=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1])).toEqual([
    '2',
    '1',
    '0',
    '0',
  ]);
  const refused = answers[3];
  expect(refused?.body).toMatchObject({ code: 'RATE_LIMITED', retryable: true });
  expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
  const graphql = await gateway.graphql('{ viewer { tenantId } }', {}, { key: GLOBEX_KEY });
  expect([graphql.status, graphql.body.errors[0].extensions.code]).toEqual([429, 'RATE_LIMITED']);
  expect((await gateway.rest('/v1/viewer')).status).toBe(200);
});

it('takes an encoded path for the path that it is', async () => {
  const query = await gateway.rest('/gr%61phql?query={viewer{tenantId}}', {
    headers: { 'apollo-require-preflight': '1' },
  });
  expect([query.status, query.body.errors[0].extensions.code]).toEqual([405, 'METHOD_NOT_ALLOWED']);
  const put = await gateway.rest('/v%31/viewer', { method: 'PUT' });
  expect([put.status, put.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  expect((await gateway.rest('/v1/viewer/')).status).toBe(404);
});

it.each(['GET /v1/viewer HTTP/1.1\r\n', 'GET /v1/viewer HTTP/1.1\r\nHost: a\r\nExpect: more\r\n'])(
  'answers in its own words what Node would refuse: %j',
  async (head) => {
    const { status, body } = await sendRaw(gateway.url, [{ text: `${head}Connection: close\r\n\r\n` }]);
    expect(status).toBe(401);
    expect(body).toContain('UNAUTHENTICATED');
  },
);

it('refuses bytes that are no UTF-8', async () => {
  const path = '/v1/spaces/cams-acme/numbers/8613800000001/groups';
  const send = (body: Buffer, type: string): Promise<Response> =>
    fetch(gateway.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${ACME_KEY}`, 'content-type': type },
      body: new Uint8Array(body),
    });
  const broken = Buffer.concat([Buffer.from('{"subject":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
  expect((await send(broken, 'application/json')).status).toBe(400);
  expect((await send(Buffer.from('{"subject":"a"}'), 'application/json; charset=utf-16')).status).toBe(415);
});
