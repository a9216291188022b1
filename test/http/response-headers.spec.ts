import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ACME_KEY, GLOBEX_KEY, type TestGateway, startTestGateway } from '../support/gateway.js';
import { sendRaw } from '../support/raw-http.js';
import { unusedPort } from '../support/unused-port.js';

const GROUPS = '/v1/spaces/cams-acme/numbers/8613800000001/groups';
const QUERY = '/graphql?query=%7B+viewer+%7B+tenantId+%7D+%7D';

/** What an API response says to a browser: it must not be interpreted, framed or cached by others. */
const API = [
  "content-security-policy: default-src 'none';frame-ancestors 'none'",
  'referrer-policy: no-referrer',
  'strict-transport-security: max-age=31536000; includeSubDomains',
  'x-content-type-options: nosniff',
  'x-frame-options: DENY',
];
/** Pages also protect the documents and windows that they are. */
const PAGE = [
  'cross-origin-opener-policy: same-origin',
  'cross-origin-resource-policy: same-origin',
  'origin-agent-cluster: ?1',
  'referrer-policy: no-referrer',
  'strict-transport-security: max-age=31536000; includeSubDomains',
  'x-content-type-options: nosniff',
  'x-dns-prefetch-control: off',
  'x-download-options: noopen',
  'x-frame-options: DENY',
  'x-permitted-cross-domain-policies: none',
  'x-xss-protection: 0',
];
const CACHED = ['age: *', 'cache-status: *'];
const QUOTA = ['ratelimit-policy: *', 'ratelimit: *'];
const READ = [...API, ...QUOTA, 'cache-control: private, no-cache'];
const JSON_BODY = ['content-length: *', 'content-type: application/json; charset=utf-8'];
const PROBLEM = [
  'content-length: *',
  'content-type: application/problem+json; charset=utf-8',
  'cache-control: no-store',
];
const ALWAYS = ['connection: close', 'date: *', 'x-request-id: *'];
const LIST = [...READ, ...CACHED, 'etag: *', 'link: *', 'vary: Origin, Accept-Encoding'];
const PREFLIGHT = [
  'content-length: *',
  'access-control-allow-headers: authorization',
  'access-control-allow-methods: GET, HEAD, POST, PATCH, DELETE',
  'access-control-max-age: 600',
];
const CORS = ['access-control-expose-headers: *', 'vary: Origin'];

/** Values that differ between requests or machines. */
const VARYING =
  /^(age|cache-status|content-length|date|etag|link|location|ratelimit|ratelimit-policy|retry-after|x-request-id|x-upstream-request-id|access-control-expose-headers): .*/;

let gateway: TestGateway;
let groupId: string;
let asset: string;
beforeAll(async () => {
  gateway = await startTestGateway({
    TENANTS_FILE: 'test/support/tenants.quotas.yaml',
    MANAGEMENT_PORT: String(await unusedPort()),
    CACHE_FRESH_MS: '60000',
  });
  const body = { subject: 'With a link', withInviteLink: true };
  ({ groupId } = (await gateway.rest(GROUPS, { method: 'POST', body })).body);
  // Once from CAMS, then from the cache.
  await gateway.rest(GROUPS);
  asset = /href="([^"]+\.css)"/.exec((await gateway.rest('/')).text)?.[1] ?? '';
  for (let n = 0; n < 3; n += 1) await gateway.rest('/v1/viewer', { key: GLOBEX_KEY });
});
afterAll(() => gateway.close());

interface Case {
  readonly start: string | (() => string);
  readonly key?: string | null;
  readonly headers?: readonly string[];
  readonly body?: string;
  readonly status: number;
  readonly expected: readonly string[];
  readonly management?: true;
  /** Sent instead of a request. */
  readonly raw?: string;
}

const BODY = { headers: ['Content-Type: application/json'] };

const CASES: Readonly<Record<string, Case>> = {
  'a list from the cache': {
    start: `GET ${GROUPS}`,
    status: 200,
    expected: [...LIST, ...JSON_BODY, ...CORS.slice(0, 1)],
  },
  'an unchanged list': {
    start: `GET ${GROUPS}`,
    headers: ['If-None-Match: *'],
    status: 304,
    expected: [...LIST, ...CORS.slice(0, 1)],
  },
  'a write': {
    start: `POST ${GROUPS}`,
    ...BODY,
    body: '{"subject":"Written"}',
    status: 201,
    expected: [
      ...API,
      ...QUOTA,
      ...JSON_BODY,
      ...CORS,

      'cache-control: no-store',
      'coherence: coherent',
      'etag: *',
      'location: *',
      'x-upstream-request-id: *',
    ],
  },
  'no such group': {
    start: `GET ${GROUPS}/none`,
    status: 404,
    expected: [...API, ...QUOTA, ...PROBLEM, ...CORS, 'x-upstream-request-id: *'],
  },
  'no such route': { start: 'GET /v1/none', status: 404, expected: [...API, ...PROBLEM, ...CORS] },
  'another method': {
    start: 'PUT /v1/viewer',
    status: 405,
    expected: [...API, ...PROBLEM, ...CORS, 'allow: GET, HEAD'],
  },
  'no credentials': {
    start: 'GET /v1/viewer',
    key: null,
    status: 401,
    expected: [...API, ...PROBLEM, ...CORS, 'www-authenticate: Bearer'],
  },
  'too many requests': {
    start: 'GET /v1/viewer',
    key: GLOBEX_KEY,
    status: 429,
    expected: [...API, ...PROBLEM, ...CORS, ...QUOTA, 'retry-after: *'],
  },
  'a preflight': {
    start: 'OPTIONS /v1/viewer',
    key: null,
    headers: [
      'Origin: http://localhost:1',
      'Access-Control-Request-Method: GET',
      'Access-Control-Request-Headers: authorization',
    ],
    status: 204,
    expected: [
      ...API,
      ...PREFLIGHT,
      'access-control-expose-headers: *',
      'cache-control: no-store',
      'access-control-allow-origin: http://localhost:1',
      'vary: Origin, Access-Control-Request-Headers',
    ],
  },
  'a GraphQL query by POST': {
    start: 'POST /graphql',
    ...BODY,
    body: '{"query":"{ viewer { tenantId } }"}',
    status: 200,
    expected: [
      ...API,
      ...QUOTA,
      ...JSON_BODY,
      ...CORS.slice(0, 1),
      'vary: Origin, Accept-Encoding',
      'cache-control: no-store',
    ],
  },
  'a GraphQL query by GET': {
    start: `GET ${QUERY}`,
    status: 200,
    expected: [
      ...READ,
      ...JSON_BODY,
      ...CORS.slice(0, 1),
      'etag: *',
      'vary: Origin, Accept, Accept-Encoding',
    ],
  },
  'a GraphQL error': {
    start: 'POST /graphql',
    ...BODY,
    body: '{"query":"{"}',
    status: 400,
    expected: [...API, ...QUOTA, ...JSON_BODY, ...CORS, 'cache-control: no-store'],
  },
  'a page': {
    start: 'GET /docs/errors',
    key: null,
    status: 200,
    expected: [
      ...PAGE,
      'access-control-expose-headers: *',
      'cache-control: no-cache',
      'content-length: *',
      'content-type: text/html; charset=utf-8',
      'etag: *',
      'vary: Origin, Accept-Encoding',
      "content-security-policy: default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src 'self'; img-src 'self'",
    ],
  },
  'an asset': {
    start: () => `GET ${asset}`,
    key: null,
    status: 200,
    expected: [
      ...PAGE,
      'access-control-expose-headers: *',
      'cache-control: public, max-age=31536000, immutable',
      'content-length: *',
      'content-type: text/css; charset=utf-8',
      'etag: *',
      'vary: Accept-Encoding',
      "content-security-policy: default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ],
  },
  'a QR code': {
    start: () => `GET ${GROUPS}/${groupId}/invite-link/qr.svg`,
    status: 200,
    expected: [
      ...API,
      ...QUOTA,
      ...CORS,
      'cache-control: private, no-store',
      'content-length: *',
      'content-type: image/svg+xml',
      'x-upstream-request-id: *',
    ],
  },
  'the schema': {
    start: 'GET /schema.gql',
    status: 200,
    expected: [...READ, ...CORS, 'content-length: *', 'content-type: text/plain; charset=utf-8'],
  },
  'the OpenAPI document': {
    start: 'GET /openapi.json',
    key: null,
    status: 200,
    expected: [
      ...API,
      ...JSON_BODY,
      'access-control-expose-headers: *',
      'vary: Origin, Accept-Encoding',
      'cache-control: private, no-cache',
    ],
  },
  'a malformed path': { start: 'GET /%zz', status: 400, expected: [...API, ...PROBLEM] },
  'headers that are too long': {
    start: '',
    raw: `GET / HTTP/1.1\r\nA: ${'a'.repeat(20_480)}\r\n\r\n`,
    status: 431,
    expected: [...API, ...PROBLEM],
  },
  'what is not HTTP': { start: '', raw: 'nonsense\r\n\r\n', status: 400, expected: [...API, ...PROBLEM] },
  'half a header': { start: '', raw: 'GET /', status: 408, expected: [...API, ...PROBLEM] },
  'a tunnel': { start: 'CONNECT x:443', status: 405, expected: [...API, ...PROBLEM, 'allow: '] },
  'the health of the management listener': {
    start: 'GET /health/ready',
    key: null,
    management: true,
    status: 200,
    expected: ['cache-control: no-store', 'x-content-type-options: nosniff', ...JSON_BODY],
  },
  'an error of the management listener': {
    start: 'GET /',
    key: null,
    management: true,
    status: 404,
    expected: ['x-content-type-options: nosniff', ...PROBLEM],
  },
};

const sorted = (headers: readonly string[]): string[] => [...new Set(headers)].toSorted();

describe('the headers of a response', () => {
  it.each(Object.entries(CASES))('to %s are these and no others', async (_name, one) => {
    const { start, key = ACME_KEY, headers = [], body = '', raw, management } = one;
    const own = [
      ...(key === null ? [] : [`X-Api-Key: ${key}`]),
      ...(body === '' ? [] : [`Content-Length: ${body.length}`]),
    ];
    const line = typeof start === 'string' ? start : start();
    const request = [`${line} HTTP/1.1`, 'Host: x', 'Connection: close', ...own, ...headers, '', body];
    const url = management ? (gateway.managementUrl ?? '') : gateway.url;
    const { status, head } = await sendRaw(url, [{ text: raw ?? request.join('\r\n') }]);
    const found = head
      .split('\r\n')
      .slice(1)
      .map((header) => header.replace(/^[^:]+/, (name) => name.toLowerCase()))
      .map((header) => header.replace(VARYING, '$1: *'));
    expect([status, sorted(found)]).toEqual([one.status, sorted([...ALWAYS, ...one.expected])]);
  });
});
