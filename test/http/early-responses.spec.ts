import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { Readable } from 'node:stream';
import { text as readText } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ACME_KEY, type TestGateway, startTestGateway } from '../support/gateway.js';
import { HeldSocket } from '../support/held-socket.js';
import { eventually } from '../support/eventually.js';

const GROUPS = '/v1/spaces/cams-acme/numbers/8613800000001/groups';
const BODY = JSON.stringify({ subject: 'x'.repeat(2_000_000) });
const CHUNK = Buffer.alloc(64 * 1024, 'x');
const CHUNKED = `${CHUNK.length.toString(16)}\r\n${CHUNK.toString()}\r\n`;
const MAX_SENT_BYTES = 64 * 1024 * 1024;

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

type Headers = Readonly<Record<string, string>>;
interface Received {
  readonly status: number;
  readonly text: string;
}
type Client = (path: string, headers: Headers, chunked: boolean) => Promise<Received>;

const chunks = (): Readable => Readable.from(BODY.match(/.{1,65536}/gs) ?? []);

const CLIENTS: Readonly<Record<string, Client>> = {
  'node:http': async (path, headers, chunked) => {
    const sent = request(gateway.url + path, { method: 'POST', agent: false, headers });
    const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
    if (chunked) chunks().pipe(sent);
    else sent.setHeader('content-length', BODY.length).end(BODY);
    const [answer] = await answered;
    return { status: answer.statusCode ?? 0, text: await readText(answer) };
  },
  fetch: async (path, headers, chunked) => {
    const body = chunked ? (Readable.toWeb(chunks()) as unknown as NonNullable<RequestInit['body']>) : BODY;
    const answer = await fetch(gateway.url + path, { method: 'POST', headers, body, duplex: 'half' });
    return { status: answer.status, text: await answer.text() };
  },
  curl: async (path, headers, chunked) => {
    const own = { ...headers, expect: '', ...(chunked && { 'transfer-encoding': 'chunked' }) };
    const named = Object.entries(own).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
    const args = ['-sS', '-w', '%{http_code}', '-X', 'POST', '--data-binary', '@-', ...named];
    const curl = spawn('curl', [...args, gateway.url + path]);
    curl.stdin.on('error', () => undefined);
    curl.stdin.end(BODY);
    const [output, errors] = await Promise.all([readText(curl.stdout), readText(curl.stderr)]);
    expect(errors).toBe('');
    return { status: Number(output.slice(-3)), text: output.slice(0, -3) };
  },
};

const JSON_TYPE = { 'content-type': 'application/json' };
const KEY = { authorization: `Bearer ${ACME_KEY}` };

const hasCurl = spawnSync('curl', ['--version']).status === 0;
const installed = Object.entries(CLIENTS).filter(([name]) => name !== 'curl' || hasCurl);

describe.each(installed)('%s', (_name, send) => {
  describe.each([
    ['with a length', false],
    ['in chunks', true],
  ])('receives the response to a body of 2 MB %s', (_how, chunked) => {
    it.each<[code: string, status: number, path: string, headers: Headers]>([
      ['PAYLOAD_TOO_LARGE', 413, GROUPS, { ...KEY, ...JSON_TYPE }],
      ['PAYLOAD_TOO_LARGE', 413, '/graphql', { ...KEY, ...JSON_TYPE }],
      ['UNAUTHENTICATED', 401, GROUPS, JSON_TYPE],
      ['UNSUPPORTED_MEDIA_TYPE', 415, GROUPS, { ...KEY, 'content-type': 'text/plain' }],
      ['METHOD_NOT_ALLOWED', 405, '/v1/viewer', { ...KEY, ...JSON_TYPE }],
    ])('%s', async (code, status, path, headers) => {
      const received = await send(path, headers, chunked);
      expect(received).toEqual({ status, text: expect.stringContaining(`"code":"${code}"`) });
    });
  });
});

it('is sent at once to a client that declares a length of another type, and sends nothing', async () => {
  const socket = new HeldSocket(
    gateway.url,
    `POST ${GROUPS} HTTP/1.1\r\nHost: x\r\nX-Api-Key: ${ACME_KEY}\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n`,
  );
  const status = await eventually(async () => /^HTTP\/1\.1 \d+/.exec(socket.received)?.[0]);
  socket.destroy();
  expect(status).toBe('HTTP/1.1 415');
});

describe('a connection whose body is refused', () => {
  const head = (length: string): string =>
    `POST ${GROUPS} HTTP/1.1\r\nHost: x\r\nX-Api-Key: ${ACME_KEY}\r\nContent-Type: application/json\r\n${length}\r\n\r\n`;

  it('is closed, and no byte of the body is read as another request', async () => {
    const inner = 'GET /v1/viewer HTTP/1.1\r\nHost: x\r\n\r\n';
    const socket = new HeldSocket(gateway.url, `${head('Content-Length: 70000')}${inner}`);
    socket.send(inner);
    const answer = await socket.ended();
    socket.destroy();
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 413']);
    expect(answer).toMatch(/^connection: close\r$/im);
  });

  it('is not reset while the client sends more requests', async () => {
    const body = '{"subject":';
    const socket = new HeldSocket(gateway.url, `${head(`Content-Length: ${body.length}`)}${body}`);
    const answer = await socket.ended();
    for (let more = 0; more < 3; more += 1)
      await socket.sendAll('GET /v1/viewer HTTP/1.1\r\nHost: x\r\n\r\n');
    expect([answer.match(/HTTP\/1\.1 \d+/g), socket.failure]).toEqual([['HTTP/1.1 400'], undefined]);
    socket.destroy();
  });

  it.each([
    ['with a length', 'Content-Length: 2000000', CHUNK.toString()],
    ['in chunks', 'Transfer-Encoding: chunked', CHUNKED],
  ])('is not reset while the client still sends its body %s', async (_, length, text) => {
    const socket = new HeldSocket(gateway.url, head(length));
    await socket.sendAll(text);
    await socket.sendAll(text);
    // A reset from here on may delete what a client has not read yet.
    const answer = await socket.ended();
    for (let bytes = 2 * text.length; bytes < 1_900_000; bytes += text.length) await socket.sendAll(text);
    expect([answer.match(/HTTP\/1\.1 \d+/g), socket.failure]).toEqual([['HTTP/1.1 413'], undefined]);
    socket.destroy();
  });

  it('is closed although the client never stops sending', async () => {
    const socket = new HeldSocket(gateway.url, head('Transfer-Encoding: chunked'));
    let bytes = 0;
    await eventually(async () => {
      for (let n = 0; n < 16 && bytes < MAX_SENT_BYTES && !socket.isClosed; n += 1) {
        bytes += CHUNKED.length;
        await socket.sendAll(CHUNKED);
      }
      return socket.isClosed ? true : undefined;
    });
    expect(socket.received).toMatch(/^HTTP\/1\.1 413 /);
    expect(bytes).toBeLessThan(MAX_SENT_BYTES);
  });

  it('stays open for further requests if the rest is short', async () => {
    const refused = `POST ${GROUPS} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n`;
    const socket = new HeldSocket(gateway.url, refused);
    await eventually(async () => (socket.received.includes('UNAUTHENTICATED') ? true : undefined));
    socket.send(`{"a":"b"}GET /v1/viewer HTTP/1.1\r\nHost: x\r\nX-Api-Key: ${ACME_KEY}\r\n\r\n`);
    await eventually(async () => (socket.received.includes('"tenantId":"acme"') ? true : undefined));
    expect(socket.received.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 401', 'HTTP/1.1 200']);
    socket.destroy();
  });
});
