import { Agent, request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { gunzipSync } from 'node:zlib';
import type { LoadRequest } from './load-request.js';

export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Decompressed. */
  readonly text: string;
  /** Size of the body as it was sent. */
  readonly bodyBytes: number;
}

const agent = new Agent({ keepAlive: true });

/** Sends one request on a keep-alive connection; pass `connections` to limit or separate them. */
export function send(
  url: string,
  { method, path, headers, body }: LoadRequest,
  connections: Agent = agent,
): Promise<HttpResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpResponse>();
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  const sent = request(
    url + path,
    { method, agent: connections, headers: { ...headers, ...length } },
    (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode: status = 0, headers: received } = response;
        const bytes = Buffer.concat(chunks);
        const text = String(received['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes);
        resolve({ status, headers: received, text, bodyBytes: bytes.length });
      });
    },
  );
  sent.on('error', reject);
  sent.end(body);
  return promise;
}
