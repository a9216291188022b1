import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ACME_KEY,
  GLOBEX_KEY,
  READONLY_KEY,
  type TestGateway,
  startTestGateway,
} from '../support/gateway.js';

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

describe('response headers', () => {
  const UUID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[\da-f]{4}-[\da-f]{12}$/;

  it.each(['a', 'checkout-7f3a', 'b3d9c1f0-0000-4000-8000-000000000000'])(
    'have an id of the gateway, and return that of the caller as X-Caller-Request-Id: %s',
    async (id) => {
      const requestLine = { headers: { 'x-request-id': id } };
      for (const path of ['/v1/viewer', '/v1/unknown', '/', '/v1/operations/%zz']) {
        const { headers, body } = await gateway.rest(path, requestLine);
        expect(headers.get('x-caller-request-id')).toBe(id);
        expect(headers.get('x-request-id')).toMatch(UUID);
        expect(headers.get('x-request-id')).not.toBe(id);
        expect(body?.requestId ?? headers.get('x-request-id')).toBe(headers.get('x-request-id'));
      }
    },
  );

  it.each(['8613800000001', 'u8613812345678', 'a b', 'cgk_acme', 'a'.repeat(129), '<script>', 'é', ''])(
    'never return an id of the caller that may be something else: %j',
    async (id) => {
      const { headers } = await gateway.rest('/v1/viewer', { headers: { 'x-request-id': id } });
      expect(headers.get('x-caller-request-id')).toBeNull();
      expect(headers.get('x-request-id')).toMatch(UUID);
    },
  );

  it('include the security headers', async () => {
    const { headers } = await gateway.rest('/v1/viewer');
    const told = ['connection', 'content-length', 'content-type', 'date', 'keep-alive', 'x-request-id'];
    const quota = ['ratelimit', 'ratelimit-policy'];
    const rest = [...headers].filter(([name]) => ![...told, ...quota].includes(name));
    expect(Object.fromEntries(rest)).toEqual({
      'access-control-expose-headers': expect.stringContaining('X-Request-Id'),
      'cache-control': 'private, no-cache',
      'content-security-policy': "default-src 'none';frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      vary: 'Origin, Accept-Encoding',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
  });

  it('allow private caching with revalidation for REST reads and no caching for anything else', async () => {
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

  it('are the same for HEAD, which has no body', async () => {
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
  ])('link to the neighbours of a page: %s', async (query, expected) => {
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
  it('are required', async () => {
    for (const path of ['/v1/viewer', '/graphql']) {
      const options =
        path === '/graphql' ? { method: 'POST', body: { query: '{ viewer { tenantId } }' } } : {};
      const answer = await gateway.rest(path, { ...options, key: null });
      expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    }
  });

  it('may be sent as X-Api-Key, alone or with the same bearer token, but not with a different one', async () => {
    const viewer = async (key: string | null, apiKey: string): Promise<number> =>
      (await gateway.rest('/v1/viewer', { key, headers: { 'x-api-key': apiKey } })).status;
    expect(await viewer(null, ACME_KEY)).toBe(200);
    expect(await viewer(ACME_KEY, ACME_KEY)).toBe(200);
    expect(await viewer(ACME_KEY, READONLY_KEY)).toBe(401);
    expect(await viewer(null, 'nonsense')).toBe(401);
  });
});

it('reports the quota of a tenant and refuses requests that exceed it', async () => {
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
