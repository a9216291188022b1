import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ERRORS } from '../../src/errors/catalogue.js';
import { eventually } from '../support/eventually.js';
import { ACME_KEY } from '../support/gateway.js';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway-process.js';
import { sendRaw } from '../support/raw-http.js';
import { requestLines } from '../support/request-lines.js';
import { unusedPort } from '../support/unused-port.js';

const TARGETS = [
  '*',
  '*?x',
  '',
  '?',
  '?a',
  '#',
  '/#',
  '//',
  '//x',
  '///',
  '/*',
  '/..',
  '/./',
  '/%',
  '/%zz',
  '/%00',
  '/v1/operations/%00',
  '/v1/operations/%zz',
  `/v1/operations/${'a'.repeat(4_000)}`,
  '/v1/viewer#x',
  '/v1//viewer',
  '/v1/viewer?%zz',
  '/v1/viewer?a=%E0%A4%A',
  '/v1/../v1/viewer',
  '/v1/viewer;x=1',
  '/graphql/',
  '/GRAPHQL',
  '/graphql?query=%zz',
  '/graphql?\xff',
  '/health/ready/%zz',
  'http://',
  'http:///',
  'http:///x',
  'http://x',
  'http://x/',
  'http://x?',
  'http://x#',
  'HTTP://X/*',
  'http://x/v1/viewer',
  'http://[::1',
  'http://%zz/v1',
  'ftp://x/',
  'x',
  'x:80',
  '//evil.com/v1/viewer',
  '/\x00',
  '/\x7f',
  '/\t',
  '/\xe9',
  '/v1/\xff',
  '/a b',
  '\\',
  '/\\',
  `/${'a'.repeat(9_000)}`,
];
const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'QUERY',
  'PROPFIND',
  // Node cannot read these.
  'BREW',
  'PRI',
  'get',
  'GET\x00',
];

let gateway: GatewayProcess;
let managementUrl: string;
beforeAll(async () => {
  const MANAGEMENT_PORT = String(await unusedPort());
  managementUrl = `http://127.0.0.1:${MANAGEMENT_PORT}`;
  gateway = await startGatewayProcess({ MANAGEMENT_PORT, LOG_LEVEL: 'debug' }, ACME_KEY);
});
afterAll(() => gateway.close());

describe.each(['public', 'management'] as const)('the %s listener', (name) => {
  const urlOf = (): string => (name === 'public' ? gateway.url : managementUrl);

  it.each(METHODS)(
    'answers %s of any target by the catalogue, with an id and one log line',
    async (method) => {
      const ids = await Promise.all(
        TARGETS.map(async (target) => {
          const text = `${method} ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
          const { status, head, body } = await sendRaw(urlOf(), [{ text }]);
          const id = /^x-request-id: (.+)$/im.exec(head)?.[1];
          const what = `${method} ${target.slice(0, 40)}`;
          expect([what, status < 500, id]).toEqual([what, true, expect.stringMatching(/^[\da-f-]{36}$/)]);
          if (status !== 200 && method !== 'HEAD') {
            const error = JSON.parse(body);
            const { code, requestId } = error.errors?.[0].extensions ?? error;
            expect([what, Object.keys(ERRORS).includes(code), requestId]).toEqual([what, true, id]);
          }
          return id;
        }),
      );
      expect(new Set(ids).size).toBe(TARGETS.length);
      const lines = (): (readonly [id: unknown, count: number])[] => {
        const found = requestLines(gateway).map(({ requestId }) => requestId as unknown);
        return ids.map((id) => [id, found.filter((one) => one === id).length]);
      };
      await eventually(async () => (lines().every(([, count]) => count > 0) ? true : undefined));
      expect(lines().filter(([, count]) => count !== 1)).toEqual([]);
    },
  );
});

it('has logged nothing at level error', () => {
  expect(gateway.output()).not.toContain('"level":"error"');
});
