import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type RawAnswer, sendRaw } from '../support/raw-http.js';
import { ACME, type TestGateway, startTestGateway } from '../support/gateway.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({ GRAPHQL_IDE: 'true', GRAPHQL_INTROSPECTION: 'true' });
});
afterAll(() => gateway.close());
beforeEach(() => gateway.sandbox.forgetCalls());

const LIST = `{ __typename chatGroups(businessNumber: "${ACME.businessNumber}") { __typename totalCount } }`;
const HASH = 'ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38';
const ACCEPTS = [
  undefined,
  '*/*',
  'application/json',
  'text/html',
  'TEXT/HTML',
  'application/json, text/html;q=0.1',
  'application/graphql-response+json, text/html;q=0.1',
  'text/html;q=0',
  'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'application/json; note="text/html"',
] as const;
const METHODS = ['GET', 'HEAD', 'POST'] as const;
/** Query strings and bodies that name a query, each of its own kind. */
const QUERIES = [
  `query=${encodeURIComponent('{__typename}')}`,
  `query=${encodeURIComponent(LIST)}`,
  `qu%65ry=${encodeURIComponent('{__typename}')}`,
  `a&query=${encodeURIComponent('{__typename}')}&query=`,
  `documentId=sha256:${HASH}`,
  `extensions=${encodeURIComponent(`{"persistedQuery":{"version":1,"sha256Hash":"${HASH}"}}`)}`,
] as const;
const NO_QUERY = ['', 'variables={}', 'query_=x'] as const;
/** Media types of the body. Each of them also passes, or fails, Apollo's protection against cross-site requests. */
const CONTENT_TYPES = [undefined, 'application/json', 'text/plain'] as const;

interface Asked {
  readonly method: string;
  readonly accept: string | undefined;
  readonly contentType: string | undefined;
  readonly search: string;
}

const combinations = (searches: readonly string[]): Asked[] =>
  METHODS.flatMap((method) =>
    ACCEPTS.flatMap((accept) =>
      CONTENT_TYPES.flatMap((contentType) =>
        searches.map((search) => ({ method, accept, contentType, search })),
      ),
    ),
  );

/** Sends a request without credentials, with a query in the body if it has one. `fetch` cannot omit `Accept`. */
function ask({ method, accept, contentType, search }: Asked): Promise<RawAnswer> {
  const body = method === 'POST' ? JSON.stringify({ query: LIST }) : '';
  const head = [
    `${method} /graphql?${search} HTTP/1.1`,
    'Host: x',
    'Connection: close',
    'Apollo-Require-Preflight: true',
    ...(accept === undefined ? [] : [`Accept: ${accept}`]),
    ...(contentType === undefined ? [] : [`Content-Type: ${contentType}`]),
    ...(body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
  ];
  return sendRaw(gateway.url, [{ text: `${head.join('\r\n')}\r\n\r\n${body}` }]);
}

/** Expects that nothing was executed, and that the response is a refusal. */
function expectRefused(asked: Asked, { status, body }: RawAnswer): void {
  expect({ asked, status }).toEqual({ asked, status: asked.method === 'HEAD' ? 405 : 401 });
  if (asked.method === 'HEAD') return;
  const { errors, ...rest } = JSON.parse(body);
  expect({ asked, rest }).toEqual({ asked, rest: {} });
  expect(errors[0].extensions.code).toBe('UNAUTHENTICATED');
}

describe('a request to /graphql without credentials', () => {
  it('never executes a query, whatever its method, Accept and media type', async () => {
    const asked = combinations(QUERIES);
    expect(asked.length).toBeGreaterThan(500);
    for (const one of asked) expectRefused(one, await ask(one));
    expect(await gateway.sandbox.actions()).toEqual([]);
  }, 60_000);

  it('gets the IDE only by GET, without a query, and if it accepts HTML', async () => {
    for (const one of combinations(NO_QUERY)) {
      const answer = await ask(one);
      if (one.method === 'GET' && /text\/html/i.test(one.accept ?? '')) {
        expect([one, answer.status]).toEqual([one, 200]);
        expect(answer.body).toMatch(/^<!doctype html>/);
      } else expectRefused(one, answer);
    }
    expect(await gateway.sandbox.actions()).toEqual([]);
  }, 60_000);
});
