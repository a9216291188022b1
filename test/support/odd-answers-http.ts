import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import type { WireAnswer } from './cams-wire-double.js';
import { DONE, LOST, type OddCase, THROTTLED, bytes, wholeResponse } from './odd-answers.js';

const JSON_HEAD = 'Content-Type: application/json\r\n';
const OK_HEAD = `HTTP/1.1 200 OK\r\n${JSON_HEAD}`;
const PAGE =
  '<!DOCTYPE html><html><head><title>502</title></head><body><h1>Bad Gateway</h1>tengine</body></html>';
const HTML = { 'content-type': 'text/html' };
const FEW = ['list groups', 'list members', 'delete a group'];

const type = (contentType: string) => ({ 'content-type': contentType });
const encoded = (encoding: string, body: Buffer | string): WireAnswer =>
  bytes(body, 200, { ...type('application/json'), 'content-encoding': encoding });
const page = (status: number): OddCase => ({
  what: `an HTML page with status ${status}`,
  sends: () => bytes(PAGE, status, HTML),
  ...LOST,
});
const empty = (status: number): OddCase => ({
  what: `status ${status} without a body`,
  sends: () => bytes('', status, {}),
  ...LOST,
});
const redirect = (status: number): OddCase => ({
  what: `a redirect with status ${status} and a body that says OK`,
  sends: (sane) =>
    bytes(sane, status, { ...type('application/json'), location: 'https://login.example.com/' }),
  ...LOST,
});
const okWith = (status: number): OddCase => ({
  what: `Code OK with status ${status}`,
  sends: (sane) => bytes(sane, status),
  ...LOST,
});
const before = (what: string, informs: (response: Parameters<WireAnswer>[0]) => void): OddCase => ({
  what,
  sends: (sane) => (response, request, index) => {
    informs(response);
    bytes(sane)(response, request, index);
  },
  ...DONE,
});
const xml = (contentType: string): OddCase => ({
  what: `a refusal in XML of type ${contentType}`,
  sends: () =>
    bytes(
      '<?xml version="1.0" encoding="UTF-8"?><Error><RequestId>r-1</RequestId><Code>Throttling.User</Code><Message>slow</Message></Error>',
      400,
      type(contentType),
    ),
  ...THROTTLED,
  upstreamCode: 'Throttling.User',
});

/** Odd HTTP around a body, right or wrong: intermediaries, encodings, media types, framing. */
export const ODD_HTTP: readonly OddCase[] = [
  ...[200, 403, 404, 405, 413, 500, 502, 503, 504].map(page),
  ...[200, 204, 400, 403, 404, 502, 503].map(empty),
  ...[301, 302, 304, 307].map(redirect),
  ...[206, 400, 404, 500, 502, 503].map(okWith),
  {
    what: 'JSON of an intermediary with status 502, without a Code',
    sends: () => bytes('{"message":"no healthy upstream"}', 502),
    ...LOST,
  },
  {
    what: 'JSON of an intermediary with status 200, without a Code',
    sends: () => bytes('{"error":"sign in first"}'),
    ...LOST,
  },
  before('a 100 before the response', (response) => response.writeContinue()),
  before('a 102 before the response', (response) => response.writeProcessing()),
  before('a 103 before the response', (response) =>
    response.writeEarlyHints({ link: '</style.css>; rel=preload' }),
  ),
  xml('text/xml'),
  xml('text/xml;charset=utf-8'),
  xml('text/xml; charset="UTF-8"'),
  xml('Application/XML'),
  xml('application/problem+xml'),
  {
    what: 'truncated XML',
    sends: () => bytes('<?xml version="1.0"?><Error><Code>Throttling.User', 400, type('text/xml')),
    ...LOST,
  },
  {
    what: 'XML that says it is JSON',
    sends: () => bytes('<?xml version="1.0"?><Error><Code>Throttling.User</Code></Error>', 400),
    ...LOST,
  },
  // The gateway does not ask for compression, and the vendor's client does not decompress.
  { what: 'gzip, which was not requested', sends: (sane) => encoded('gzip', gzipSync(sane)), ...LOST },
  {
    what: 'deflate, which was not requested',
    sends: (sane) => encoded('deflate', deflateSync(sane)),
    ...LOST,
  },
  {
    what: 'brotli, which was not requested',
    sends: (sane) => encoded('br', brotliCompressSync(sane)),
    ...LOST,
  },
  { what: 'gzip of something else', sends: () => encoded('gzip', gzipSync('\u0000\u0001\u0002')), ...LOST },
  { what: 'truncated gzip', sends: (sane) => encoded('gzip', gzipSync(sane).subarray(0, 20)), ...LOST },
  { what: 'gzip that does not say so', sends: (sane) => bytes(gzipSync(sane)), ...LOST },
  { what: 'a media type of text', sends: (sane) => bytes(sane, 200, type('text/plain')), ...DONE },
  {
    what: 'a media type of HTML',
    sends: (sane) => bytes(sane, 200, type('text/html; charset=GBK')),
    ...DONE,
  },
  {
    what: 'text in GBK that says so',
    sends: (sane) =>
      bytes(
        Buffer.from(sane.replace('None', '\u00c8\u00ba\u00d7\u00e9'), 'latin1'),
        200,
        type('application/json;charset=GBK'),
      ),
    ...LOST,
  },
  { what: 'no media type', sends: (sane) => bytes(sane, 200, {}), ...DONE },
  {
    what: 'cookies of a load balancer',
    sends: (sane) => bytes(sane, 200, { ...type('application/json'), 'set-cookie': 'acw_tc=1; HttpOnly' }),
    ...DONE,
  },
  {
    what: 'one chunk for each byte',
    sends: (sane) => (response) => {
      response.writeHead(200, type('application/json'));
      const all = Buffer.from(sane.replace('None', '群组'));
      for (const byte of all.subarray(0, 400)) response.write(Buffer.of(byte));
      response.end(all.subarray(400));
    },
    ...DONE,
  },
  {
    what: 'HTTP/1.0 that ends with the connection',
    sends: (sane) => wholeResponse(`HTTP/1.0 200 OK\r\n${JSON_HEAD}\r\n`, sane),
    ...DONE,
  },
  {
    what: 'HTTP/1.1 that ends with the connection',
    sends: (sane) => wholeResponse(`${OK_HEAD}Connection: close\r\n\r\n`, sane),
    ...DONE,
  },
  {
    what: 'a Content-Length below the body',
    sends: (sane) => wholeResponse(`${OK_HEAD}Content-Length: 20\r\nConnection: close\r\n\r\n`, sane),
    ...LOST,
  },
  {
    what: 'a Content-Length above the body',
    sends: (sane) => wholeResponse(`${OK_HEAD}Content-Length: ${sane.length + 99}\r\n\r\n`, sane),
    ...LOST,
  },
  {
    what: 'a Content-Length that is not a number',
    sends: (sane) => wholeResponse(`${OK_HEAD}Content-Length: many\r\n\r\n`, sane),
    ...LOST,
  },
  {
    what: 'both a Content-Length and chunks',
    sends: () =>
      wholeResponse(
        `${OK_HEAD}Content-Length: 13\r\nTransfer-Encoding: chunked\r\n\r\nd\r\n{"Code":"OK"}\r\n0\r\n\r\n`,
      ),
    ...LOST,
  },
  {
    what: 'a chunk whose size is not a number',
    sends: () =>
      wholeResponse(`${OK_HEAD}Transfer-Encoding: chunked\r\n\r\nmany\r\n{"Code":"OK"}\r\n0\r\n\r\n`),
    ...LOST,
  },
  {
    what: 'chunks without an end',
    sends: () => wholeResponse(`${OK_HEAD}Transfer-Encoding: chunked\r\n\r\nd\r\n{"Code":"OK"}\r\n`),
    ...LOST,
  },
  { what: 'bytes that are not HTTP', sends: () => wholeResponse('+OK ready\r\n\r\n'), ...LOST },
  { what: 'a status line alone', sends: () => wholeResponse('HTTP/1.1 200 OK\r\n'), ...LOST },
  {
    what: 'a header of 64 kB',
    sends: (sane) =>
      wholeResponse(`${OK_HEAD}X-Trace: ${'a'.repeat(65_536)}\r\nConnection: close\r\n\r\n`, sane),
    ...LOST,
  },
  {
    what: 'a body of more than 16 MiB',
    sends: (sane) => bytes(' '.repeat(17 * 1_024 * 1_024) + sane),
    ...LOST,
    only: FEW,
  },
];
