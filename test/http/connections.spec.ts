import { STATUS_CODES } from 'node:http';
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ACME_KEY } from '../support/gateway.js';
import { eventually } from '../support/eventually.js';
import { HeldSocket } from '../support/held-socket.js';
import { Program } from '../support/program.js';

/** Four of the kinds have credentials, and a tenant may have 50 requests in flight. */
const COUNT = 12;
const HEAD = 'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
const POST = `${HEAD}X-Api-Key: ${ACME_KEY}\r\n`;
const TLS_HELLO = '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03';

const REFUSED: readonly (readonly [what: string, text: string, status: number, code: string])[] = [
  ['silence', '', 408, 'REQUEST_TIMEOUT'],
  ['half a header', 'GET / HTTP/1.1\r\nHo', 408, 'REQUEST_TIMEOUT'],
  ['half a body', `${POST}Content-Length: 9\r\n\r\n{`, 408, 'REQUEST_TIMEOUT'],
  ['half a chunk', `${POST}Transfer-Encoding: chunked\r\n\r\n9\r\n{`, 408, 'REQUEST_TIMEOUT'],
  ['garbage', 'nonsense\r\n\r\n', 400, 'VALIDATION_FAILED'],
  ['garbage in a body', `${POST}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`, 400, 'VALIDATION_FAILED'],
  ['TLS', TLS_HELLO, 400, 'VALIDATION_FAILED'],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'VALIDATION_FAILED'],
  ['headers of 20 KiB', `GET / HTTP/1.1\r\nA: ${'a'.repeat(20_480)}`, 431, 'PAYLOAD_TOO_LARGE'],
  ['a tunnel', 'CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n', 405, 'METHOD_NOT_ALLOWED'],
  ['a part of a long body', `${POST}Content-Length: 2000000\r\n\r\n{`, 413, 'PAYLOAD_TOO_LARGE'],
  ['half a body after a refusal', `${HEAD}Content-Length: 9\r\n\r\n{`, 401, 'UNAUTHENTICATED'],
];

let program: Program;
let url: string;
beforeAll(async () => {
  program = new Program('test/support/impatient-gateway.mjs', {});
  url = await program.said(/listening on (\S+)/);
  // What a process opens with its first request stays open.
  await (await fetch(`${url}/v1/viewer`)).text();
});
afterAll(() => program.end('SIGKILL'));

const descriptors = (): number => readdirSync(`/proc/${program.pid}/fd`).length;
const freed = (count: number): Promise<true> =>
  eventually(async () => (descriptors() <= count ? true : undefined));
const open = (text: string): HeldSocket[] => Array.from({ length: COUNT }, () => new HeldSocket(url, text));

describe('a connection without a complete request', () => {
  it('is refused, and its descriptor is freed although the client stays', async () => {
    const before = descriptors();
    const refused = REFUSED.map(([what, text, status, code]) => ({
      what,
      status,
      code,
      sockets: open(text),
    }));
    for (const { what, status, code, sockets } of refused)
      for (const socket of sockets) {
        const answer = await socket.ended();
        // Exactly one response each.
        const found = [what, answer.match(/HTTP\/1\.1 .+/g), /"code":"(\w+)"/.exec(answer)?.[1]];
        expect(found).toEqual([what, [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`], code]);
      }
    await freed(before);
    for (const { sockets } of refused) for (const socket of sockets) socket.destroy();
  });

  it.each<[what: string, text: string]>([
    ['before a request', ''],
    ['in a header', 'GET / HTTP/1.1\r\nHo'],
    ['in a body', `${POST}Content-Length: 9\r\n\r\n{`],
    ['after a request', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
  ])('is freed if the client closes its side %s', async (_, text) => {
    const before = descriptors();
    const sockets = open(text);
    for (const socket of sockets) socket.finish();
    await Promise.all(sockets.map((socket) => socket.ended()));
    await freed(before);
    for (const socket of sockets) socket.destroy();
  });
});

describe('a connection whose client does not read', () => {
  it('is freed', async () => {
    const before = descriptors();
    // More than the buffers of both sides hold.
    const requests = 'GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(100);
    const sockets = [1, 2, 3].map(() => new HeldSocket(url, ''));
    for (const socket of sockets) {
      socket.pause();
      await socket.sendAll(requests);
    }
    await eventually(async () => (descriptors() >= before + sockets.length ? true : undefined));
    await freed(before);
    for (const socket of sockets) socket.destroy();
  });
});
