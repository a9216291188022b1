import { connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { answerMismatches } from '../support/cams-declared-types.js';
import {
  ACME,
  callBySdk,
  dateAt,
  startTestSandbox,
  type SdkOptions,
  type TestSandbox,
} from '../support/sandbox-rpc.js';

const LIST = { ...ACME, ChannelType: 'WHATSAPP', Page: '{"Index":1,"Size":20}', Subject: "群 (!'*) & café+" };

/** Captures the bytes of one SDK call with a server that closes the connection. */
async function catchCall(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const { promise, resolve } = Promise.withResolvers<Buffer>();
  const server = createServer((socket) => {
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      if (!bytes.includes('Extra=body')) return;
      resolve(bytes);
      socket.destroy();
    });
    socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const call = callBySdk(url, 'ListChatGroup', LIST, {
    body: { Extra: 'body' },
  });
  const bytes = await promise;
  await call;
  server.close();
  return bytes;
}

/** Sends the bytes on a new connection; returns the data received up to the end of the first response. */
async function sendBytes(url: string, bytes: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(Number(new URL(url).port), '127.0.0.1');
    const chunks: Buffer[] = [];
    const text = (): string => Buffer.concat(chunks).toString();
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      if (/\}\s*(?:0\s*)?$|\r\n\r\n$/.test(text())) socket.end();
    });
    socket.on('close', () => resolve(text()));
    socket.on('error', reject);
    socket.write(bytes);
  });
}

/** Returns the offsets of all bytes that the signature protects: target, signed headers, Authorization and body. */
function protectedBytes(bytes: Buffer): number[] {
  const text = bytes.toString('latin1');
  const head = text.slice(0, text.indexOf('\r\n\r\n'));
  const offsets: number[] = [];
  let start = 0;
  for (const line of head.split('\r\n')) {
    const isRequestLine = start === 0;
    if (isRequestLine || /^(?:host|content-type|authorization|x-acs-[a-z0-9-]+):/i.test(line)) {
      const length = isRequestLine ? line.lastIndexOf(' ') : line.length;
      for (let offset = 0; offset < length; offset += 1) offsets.push(start + offset);
    }
    start += line.length + 2;
  }
  const body = text.indexOf('Extra=body');
  for (let offset = 0; offset < 'Extra=body'.length; offset += 1) offsets.push(body + offset);
  return offsets;
}

describe('the signature over the wire', () => {
  let sandbox: TestSandbox;
  beforeAll(async () => {
    sandbox = await startTestSandbox();
  });
  afterAll(async () => sandbox.close());

  const list = async (options: SdkOptions = {}) => sandbox.call('ListChatGroup', LIST, options);
  const dateIn = (ms: number): string => dateAt(sandbox.time.now + ms);

  it("accepts the vendor's SDK", async () => {
    expect(await list()).toMatchObject({ status: 200, body: { Code: 'OK' } });
  });

  it.each<[string, SdkOptions, number, string]>([
    ['a wrong secret', { accessKeySecret: 'wrong' }, 400, 'SignatureDoesNotMatch'],
    ['no version', { version: '' }, 400, 'MissingVersion'],
    ['an unknown key', { accessKeyId: 'nobody' }, 404, 'InvalidAccessKeyId.NotFound'],
    ['an invalid date', { headers: { 'x-acs-date': 'yesterday' } }, 400, 'InvalidTimeStamp.Format'],
    ['another version', { version: '2019-01-01' }, 404, 'InvalidApi.NotFound'],
  ])('rejects %s', async (_, options, status, code) => {
    const answer = await list(options);
    expect(answer).toMatchObject({ status, body: { Code: code, HostId: new URL(sandbox.url).host } });
    expect(answer.body['RequestId']).toMatch(/O$/);
  });

  it('rejects an unknown action, including inherited property names', async () => {
    for (const action of ['GetChatGroup', 'constructor', '__proto__']) {
      expect(await sandbox.call(action, LIST)).toMatchObject({
        status: 404,
        body: { Code: 'InvalidApi.NotFound' },
      });
    }
  });

  it('accepts only dates within 15 minutes of its clock', async () => {
    const windowMs = 15 * 60_000;
    for (const [ms, code] of [
      [-windowMs + 2_000, 'OK'],
      [windowMs - 2_000, 'OK'],
      [-windowMs - 2_000, 'InvalidTimeStamp.Expired'],
      [windowMs + 2_000, 'InvalidTimeStamp.Expired'],
    ] as const) {
      expect((await list({ headers: { 'x-acs-date': dateIn(ms) } })).body['Code']).toBe(code);
    }
  });

  it('judges dates by a clock that is off, until it is reset', async () => {
    const code = async (ms: number): Promise<unknown> =>
      (await list({ headers: { 'x-acs-date': dateIn(ms) } })).body['Code'];
    for (const clockOffsetMs of [20 * 60_000, -20 * 60_000]) {
      await sandbox.control.behave({ clockOffsetMs });
      expect([await code(0), await code(clockOffsetMs)]).toEqual(['InvalidTimeStamp.Expired', 'OK']);
    }
    await sandbox.control.reset();
    expect(await code(0)).toBe('OK');
  });

  it('accepts a nonce once for as long as its date is valid', async () => {
    const headers = { 'x-acs-signature-nonce': 'once', 'x-acs-date': dateIn(14 * 60_000) };
    expect((await list({ headers })).body['Code']).toBe('OK');
    expect(await list({ headers })).toMatchObject({ status: 400, body: { Code: 'SignatureNonceUsed' } });
    sandbox.time.now += 28 * 60_000;
    expect((await list({ headers })).body['Code']).toBe('SignatureNonceUsed');
    sandbox.time.now += 2 * 60_000;
    expect((await list({ headers })).body['Code']).toBe('InvalidTimeStamp.Expired');
  });

  it('does not remember the nonce of a rejected call', async () => {
    const headers = { 'x-acs-signature-nonce': 'guessed' };
    await list({ headers, accessKeySecret: 'wrong' });
    expect((await list({ headers })).body['Code']).toBe('OK');
  });

  it.each([0x01, 0x20])('rejects a request with any single byte changed by the mask %d', async (mask) => {
    sandbox.time.now = Date.now();
    const bytes = await catchCall();
    const target = bytes.indexOf(' HTTP/1.1');
    const offsets = protectedBytes(bytes).filter(
      // Header names are case-insensitive: the other mask covers those bytes.
      (offset) => mask === 0x01 || offset < target || offset >= bytes.indexOf('\r\n\r\n'),
    );
    expect(offsets.length).toBeGreaterThan(150);
    const accepted: string[] = [];
    for (const offset of offsets) {
      const changed = Buffer.from(bytes);
      changed[offset] = (changed[offset] ?? 0) ^ mask;
      const answer = await sendBytes(sandbox.url, changed);
      if (!/^HTTP\/1\.1 4\d\d /.test(answer)) accepted.push(`byte ${offset}: ${answer.slice(0, 200)}`);
    }
    expect(accepted).toEqual([]);
    expect(await sendBytes(sandbox.url, bytes)).toContain('"Code":"OK"');
  });

  it.each(['host', 'x-acs-action', 'x-acs-date', 'x-acs-extra'])(
    'rejects a request that does not sign its header %s',
    async (name) => {
      sandbox.time.now = Date.now();
      const text = (await catchCall()).toString('latin1');
      const unsigned =
        name === 'x-acs-extra'
          ? text.replace('\r\n', '\r\nx-acs-extra: 1\r\n')
          : text
              .replace(`SignedHeaders=`, 'SignedHeaders=accept;')
              .replace(new RegExp(`([=;])${name};`), '$1');
      const answer = await sendBytes(sandbox.url, Buffer.from(unsigned, 'latin1'));
      expect(answer).toContain('SignatureDoesNotMatch');
      expect(answer).toContain(`header ${name} is not signed`);
    },
  );

  it.each([
    ['no Authorization', undefined, 'MissingAccessKeyId'],
    ['an Authorization of another scheme', 'Bearer token', 'IncompleteSignature'],
  ])('rejects a request with %s', async (_, authorization, code) => {
    const { status, text } = await sandbox.callRaw({
      protocol: 'ACS3',
      method: 'POST',
      action: 'ListChatGroup',
      parameters: LIST,
      changesAfter: { authorization },
    });
    expect(status).toBe(400);
    expect(JSON.parse(text)).toMatchObject({ Code: code });
  });

  it('rejects other methods and paths', async () => {
    const responses = [
      await fetch(`${sandbox.url}/?Action=ListChatGroup`, { method: 'PUT' }),
      await fetch(`${sandbox.url}/elsewhere`, { method: 'POST' }),
    ];
    expect(responses.map(({ status, headers }) => [status, headers.get('allow')])).toEqual([
      [405, 'GET, POST'],
      [404, null],
    ]);
    const bodies = await Promise.all(responses.map(async (response) => response.json()));
    expect(bodies).toMatchObject([{ Code: 'UnsupportedHTTPMethod' }, { Code: 'InvalidApi.NotFound' }]);
    for (const body of bodies) expect(answerMismatches('', 400, body)).toEqual([]);
  });

  it('accepts a URL of 64 KiB, and rejects longer ones with an HTML page', async () => {
    const pad = (bytes: number): Record<string, string> => ({ ...LIST, Pad: 'x'.repeat(bytes) });
    expect((await sandbox.call('ListChatGroup', pad(65_000))).body['Code']).toBe('OK');
    expect((await sandbox.call('ListChatGroup', pad(66_000))).error?.name).toBe('SyntaxError');
    for (const bytes of [66_000, 200_000]) {
      const response = await fetch(`${sandbox.url}/?Pad=${'x'.repeat(bytes)}`, { method: 'POST' });
      expect(response.status).toBe(414);
    }
  });
});
