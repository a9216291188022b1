import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { Random } from '../../coherence/random.js';
import type { SaneAnswer, Spoil } from './upstream-proxy.js';

type Spoiler = (response: ServerResponse, sane: SaneAnswer, random: Random) => void;

const OK = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';
const HUGE = Buffer.alloc(17 * 1_024 * 1_024, ' ');
const ODD_STATUSES = [
  100, 199, 204, 205, 206, 301, 302, 304, 307, 400, 401, 403, 404, 408, 413, 418, 429, 451, 499, 500, 502,
  503, 504, 520, 599, 600, 999,
];

/**
 * Ways to break a response without changing what its JSON says: a reader receives either the truth or nothing usable.
 * Read during such a phase, a list must therefore be true.
 */
const SPOILERS: Readonly<Record<string, Spoiler>> = {
  'truncated body': (response, { body }, random) => {
    raw(response, `${OK}Content-Length: ${body.length}\r\n\r\n`, cut(body, random), 'end');
  },
  'truncated JSON': (response, { body }, random) => sent(response, 200, cut(body, random)),
  'reset before the response': (response) => response.socket?.resetAndDestroy(),
  'closed before the response': (response) => response.socket?.destroy(),
  'reset in the middle': (response, { body }, random) => {
    raw(response, `${OK}Content-Length: ${body.length}\r\n\r\n`, cut(body, random), 'reset');
  },
  'no response': () => undefined,
  slow: (response, { body }, random) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
    const place = random.between(0, body.length);
    response.write(body.subarray(0, place));
    setTimeout(() => response.end(body.subarray(place)), random.between(50, 1_200)).unref();
  },
  'one byte at a time': (response, { body }) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    for (const byte of body.subarray(0, 300)) response.write(Buffer.of(byte));
    response.end(body.subarray(300));
  },
  'a Content-Length below the body': (response, { body }, random) => {
    raw(response, `${OK}Content-Length: ${random.between(0, body.length)}\r\n\r\n`, body, 'end');
  },
  'a Content-Length above the body': (response, { body }) => {
    raw(response, `${OK}Content-Length: ${body.length + 99}\r\n\r\n`, body, 'end');
  },
  'an odd Content-Length': (response, { body }, random) => {
    const value = random.pick(['-1', 'many', '1e3', '0x10', '99999999999999999999', '', '10, 20', '+5']);
    raw(response, `${OK}Content-Length: ${value}\r\n\r\n`, body, 'end');
  },
  'two lengths': (response, { body }) => {
    raw(response, `${OK}Content-Length: 5\r\nContent-Length: ${body.length}\r\n\r\n`, body, 'end');
  },
  'garbage in place of chunks': (response, { body }, random) => {
    const size = random.pick(['zz', '-5', 'ffffffffffffffff', '', '5;x=y', '0x5']);
    raw(response, `${OK}Transfer-Encoding: chunked\r\n\r\n${size}\r\n`, body, 'end');
  },
  'chunks without an end': (response, { body }) => {
    const size = body.length.toString(16);
    raw(response, `${OK}Transfer-Encoding: chunked\r\n\r\n${size}\r\n`, body, 'end');
  },
  'HTTP/1.0': (response, { body }) =>
    raw(response, 'HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n', body, 'end'),
  'not HTTP': (response, _sane, random) =>
    raw(
      response,
      random.pick(['+OK\r\n', '\u0000\u0001', 'HTTP/9.9 200\r\n\r\n', 'HTTP/1.1 \r\n\r\n', '\r\n\r\n']),
      Buffer.alloc(0),
      'end',
    ),
  'interim responses': (response, { body }, random) => {
    const interim = random.pick(['100 Continue', '102 Processing', '103 Early Hints']);
    const many = `HTTP/1.1 ${interim}\r\n\r\n`.repeat(random.between(1, 20));
    raw(response, `${many}${OK}Content-Length: ${body.length}\r\n\r\n`, body, 'end');
  },
  'a switch of protocols': (response) =>
    raw(
      response,
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n',
      Buffer.alloc(0),
      'end',
    ),
  'an odd status with HTML': (response, _sane, random) =>
    raw(
      response,
      `HTTP/1.1 ${random.pick(ODD_STATUSES)} Odd\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n`,
      Buffer.from('<html></html>'),
      'end',
    ),
  'an empty body': (response, _sane, random) =>
    raw(
      response,
      `HTTP/1.1 ${random.pick(ODD_STATUSES)} Odd\r\nContent-Length: 0\r\n\r\n`,
      Buffer.alloc(0),
      'end',
    ),
  'a redirect': (response, { body }) =>
    sent(response, 302, body, { location: 'http://127.0.0.1:1/elsewhere' }),
  'JSON of another type': (response, _sane, random) =>
    sent(
      response,
      200,
      Buffer.from(random.pick(['null', '[]', '"OK"', '1', 'true', '{}', '[{}]', '{"Code":null}', ''])),
    ),
  'deeply nested JSON': (response, _sane, random) => {
    const depth = random.pick([50, 5_000, 200_000]);
    sent(response, 200, Buffer.from(random.pick(['[', '{"a":']).repeat(depth)));
  },
  'compressed, unasked': (response, { body }) =>
    sent(response, 200, gzipSync(body), { 'content-encoding': 'gzip' }),
  'bytes that are not UTF-8': (response, { body }) =>
    sent(
      response,
      200,
      Buffer.concat([body.subarray(0, -1), Buffer.from(',"More":"\u00ff\u00fe"}', 'latin1')]),
    ),
  'a header of 80 kB': (response, { body }) =>
    raw(
      response,
      `${OK}X-Long: ${'a'.repeat(80_000)}\r\nContent-Length: ${body.length}\r\n\r\n`,
      body,
      'end',
    ),
  'odd headers': (response, { body }, random) => {
    const odd = random.pick([
      'X-Odd: \u0001',
      'X Odd: 1',
      ': none',
      'X-Folded: a\r\n b',
      'x-acs-request-id: \u00e4\u00f6',
      'x-acs-retry-after: -1',
      'Set-Cookie: a=b',
    ]);
    raw(response, `${OK}${odd}\r\nContent-Length: ${body.length}\r\n\r\n`, body, 'end');
  },
  'another media type': (response, { body }, random) =>
    sent(response, 200, body, {
      'content-type': random.pick(['text/html', 'text/plain; charset=GBK', 'application/xml', '', ';']),
    }),
  'two responses': (response, { body }) => {
    const whole = `${OK}Content-Length: ${body.length}\r\n\r\n`;
    raw(response, whole, Buffer.concat([body, Buffer.from(whole), body]), 'end');
  },
};

/** Rare, because it takes long. */
const LARGE: Spoiler = (response, { body }) => sent(response, 200, Buffer.concat([HUGE, body]));

export const BROKEN_TRANSPORT: readonly string[] = [...Object.keys(SPOILERS), 'a body of 17 MiB'];

/** Returns how to spoil the response to one call. */
export function brokenTransport(random: Random, note: (name: string) => void): Spoil {
  const large = random.between(1, 1_000) === 1;
  const [name, spoiler] = large
    ? (['a body of 17 MiB', LARGE] as const)
    : random.pick(Object.entries(SPOILERS));
  note(name);
  return (response, sane) => spoiler(response, sane, random);
}

function cut(body: Buffer, random: Random): Buffer {
  return body.subarray(0, random.between(0, Math.max(0, body.length - 1)));
}

function sent(
  response: ServerResponse,
  status: number,
  body: Buffer,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': body.length,
    ...headers,
  });
  response.end(body);
}

/** Writes bytes past the HTTP server. */
function raw(response: ServerResponse, head: string, body: Buffer, after: 'end' | 'reset'): void {
  const { socket } = response;
  if (!socket) return;
  socket.write(Buffer.concat([Buffer.from(head, 'latin1'), body]), () => {
    if (after === 'reset') socket.resetAndDestroy();
    else socket.end();
  });
}
