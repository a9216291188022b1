import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ACME_KEY, READONLY_KEY, type TestGateway, startTestGateway } from '../support/gateway.js';
import { type RawAnswer, sendRaw } from '../support/raw-http.js';

const GROUPS = '/v1/spaces/cams-acme/numbers/8613800000001/groups';
const KEY = `X-Api-Key: ${ACME_KEY}`;
const BEARER = `Authorization: Bearer ${ACME_KEY}`;

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({ TENANTS_FILE: 'test/support/tenants.quotas.yaml' });
});
afterAll(() => gateway.close());

function send(headers: readonly string[], start = `GET ${GROUPS}`, body = ''): Promise<RawAnswer> {
  const length = body === '' ? [] : [`Content-Length: ${body.length}`];
  const lines = [`${start} HTTP/1.1`, ...headers, ...length, 'Connection: close', '', body];
  return sendRaw(gateway.url, [{ text: lines.join('\r\n') }]);
}

const POST = `POST ${GROUPS}`;
const JSON_TYPE = 'Content-Type: application/json';

describe('a header that decides something', () => {
  it.each([
    ['Accept', 1024],
    ['Accept-Encoding', 1024],
    ['Prefer', 1024],
    ['Content-Type', 1024],
    ['Origin', 1024],
    ['Host', 1024],
    ['Idempotency-Key', 1024],
    ['X-Forwarded-For', 2048],
    ['If-Match', 4096],
    ['If-None-Match', 4096],
  ])('is refused if it is too long, also before the credentials are checked: %s', async (name, max) => {
    for (const credentials of [[KEY], []]) {
      const answer = await send([...credentials, `${name.toUpperCase()}: ${',a'.repeat(max / 2)}b`]);
      expect([answer.status, JSON.parse(answer.body)]).toEqual([
        431,
        expect.objectContaining({
          code: 'PAYLOAD_TOO_LARGE',
          status: 431,
          detail: `The header ${name.toLowerCase()} is longer than ${max / 1024} KiB.`,
        }),
      ]);
    }
  });

  it('is refused if it is too long in several lines', async () => {
    const lines = Array.from(
      { length: 4 },
      () => `Accept: application/json, ${'text/plain, '.repeat(30)}a/b`,
    );
    expect((await send([KEY, ...lines])).status).toBe(431);
  });

  it.each([
    ['Content-Type', 'application/json'],
    ['Idempotency-Key', 'abc'],
    ['Host', 'x'],
    ['Origin', 'http://localhost:1'],
    ['If-Modified-Since', 'Sun, 06 Nov 1994 08:49:37 GMT'],
    ['If-Unmodified-Since', 'Sun, 06 Nov 1994 08:49:37 GMT'],
    ['If-Range', '"x"'],
  ])('is refused if it is repeated: %s', async (name, value) => {
    // The second one in another case, and equal or not.
    for (const second of [value, `${value}x`]) {
      const repeated = [`${name}: ${value}`, `${name.toLowerCase()}: ${second}`];
      const { status, body } = await send([KEY, ...repeated]);
      expect([status, JSON.parse(body)]).toEqual([
        400,
        expect.objectContaining({
          code: 'VALIDATION_FAILED',
          violations: [{ field: name.toLowerCase(), message: 'must be sent only once' }],
        }),
      ]);
    }
  });

  it('creates nothing if the idempotency key is repeated', async () => {
    await gateway.sandbox.forgetCalls();
    const keys = ['Idempotency-Key: a', 'Idempotency-Key: b'];
    expect((await send([KEY, JSON_TYPE, ...keys], POST, '{"subject":"Twice"}')).status).toBe(400);
    expect(await gateway.sandbox.actions()).toEqual([]);
  });

  it.each([
    ['Authorization', [BEARER, BEARER]],
    ['Authorization', [BEARER, `authorization: Bearer ${READONLY_KEY}`]],
    ['Authorization', [`authorization: Bearer ${READONLY_KEY}`, BEARER]],
    ['X-Api-Key', [KEY, KEY]],
    ['X-Api-Key', [KEY, `x-api-key: ${READONLY_KEY}`]],
    ['X-Api-Key', [KEY, 'X-Api-Key:']],
    ['both', [BEARER, KEY, KEY]],
  ])('makes the credentials invalid if it is repeated: %s', async (_, headers) => {
    for (const [start, body] of [
      [`GET ${GROUPS}`, ''],
      ['POST /graphql', '{"query":"{ viewer { tenantId } }"}'],
    ] as const) {
      const answer = await send([...headers, JSON_TYPE], start, body);
      // Repeated failures are limited.
      expect([401, 429]).toContain(answer.status);
      expect(answer.body).not.toContain('acme');
    }
  });

  it('may be repeated if HTTP defines it as a list', async () => {
    const tag = /^etag: (.+)\r?$/im.exec((await send([KEY])).head)?.[1] ?? '';
    const lists = [
      'Accept: text/html',
      'Accept: application/json',
      'If-None-Match: "x"',
      `If-None-Match: ${tag}`,
    ];
    expect((await send([KEY, ...lists])).status).toBe(304);
  });

  it('may name the same credentials in both forms', async () => {
    expect((await send([BEARER, KEY])).status).toBe(200);
    // Repeated failures are limited.
    expect([401, 429]).toContain((await send([BEARER, `X-Api-Key: ${READONLY_KEY}`])).status);
  });
});

it('checks the credentials before it negotiates the media type', async () => {
  expect((await send(['Accept: text/csv'])).status).toBe(401);
  expect((await send([KEY, 'Accept: text/csv'])).status).toBe(406);
});

it('does not restrict headers that it ignores', async () => {
  const cookies = [`Cookie: ${'a'.repeat(8_000)}`, 'Cookie: b', 'User-Agent: a', 'User-Agent: b'];
  expect((await send([KEY, ...cookies])).status).toBe(200);
});
