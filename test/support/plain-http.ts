import { once } from 'node:events';
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { ACME_KEY } from './gateway.js';

export interface PlainRequest {
  readonly method?: string;
  readonly body?: unknown;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A response as it was sent: `fetch` would decompress it, and choose `Accept-Encoding` itself. */
export interface PlainResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  /** The decompressed body. */
  readonly text: string;
  /** Values of all `Vary` headers. */
  readonly vary: readonly string[];
}

/** Sends a request with exactly these headers, the key and `Content-Type`. */
export async function sendPlain(
  url: string,
  path: string,
  { method = 'GET', body, key = ACME_KEY, headers = {} }: PlainRequest = {},
): Promise<PlainResponse> {
  const json = body === undefined ? {} : { 'content-type': 'application/json' };
  const agent = new Agent();
  const sent = request(url + path, {
    method,
    agent,
    headers: { authorization: `Bearer ${key}`, ...json, ...headers },
  });
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const bytes = await buffer(answer);
  agent.destroy();
  return {
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    bytes,
    text: decompressed(bytes, answer.headers['content-encoding']),
    vary: answer.headersDistinct['vary'] ?? [],
  };
}

function decompressed(bytes: Buffer, coding: string | undefined): string {
  if (bytes.length === 0) return '';
  const plain = coding === 'gzip' ? gunzipSync(bytes) : coding === 'br' ? brotliDecompressSync(bytes) : bytes;
  return plain.toString();
}
