import { Agent, request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { LoadRequest } from './load-request.js';

export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
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
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    },
  );
  sent.on('error', reject);
  sent.end(body);
  return promise;
}
