import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ACME_KEY, type TestGateway, startTestGateway } from '../support/gateway.js';
import { sendRaw } from '../support/raw-http.js';

/** `undefined`: no such header. The gateway needs none of them to execute a query. */
const HOSTS: (string | undefined)[] = [
  undefined,
  '',
  '[::1',
  '%zz',
  'a b',
  'x:99999',
  'https://x/',
  '/',
  '*',
  '@',
  '\xff',
];
const PROTOCOLS = ['::1', '', 'javascript', 'https, http', '%', ' '];
const QUERY = '{ viewer { tenantId } }';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({ TRUST_PROXY: '127.0.0.1' });
});
afterAll(() => gateway.close());

const REQUESTS = [
  ...HOSTS.map((host) => ({ what: `Host: ${host}`, headers: host === undefined ? [] : [`Host: ${host}`] })),
  ...HOSTS.map((host) => ({
    what: `X-Forwarded-Host: ${host}`,
    headers: ['Host: x', ...(host === undefined ? [] : [`X-Forwarded-Host: ${host}`])],
  })),
  ...PROTOCOLS.map((name) => ({
    what: `X-Forwarded-Proto: ${name}`,
    headers: ['Host: x', `X-Forwarded-Proto: ${name}`],
  })),
];

it.each(REQUESTS)('executes a query with $what', async ({ headers }) => {
  const body = JSON.stringify({ query: QUERY });
  const post = ['POST /graphql HTTP/1.1', 'Content-Type: application/json', `Content-Length: ${body.length}`];
  const get = [`GET /graphql?query=${encodeURIComponent(QUERY)} HTTP/1.1`];
  for (const [start, text] of [
    [post, body],
    [get, ''],
  ] as const) {
    const lines = [...start, ...headers, `Authorization: Bearer ${ACME_KEY}`, 'Connection: close', '', text];
    const { status, body: answer } = await sendRaw(gateway.url, [{ text: lines.join('\r\n') }]);
    expect([status, answer]).toEqual([200, expect.stringContaining('"tenantId":"acme"')]);
  }
});
