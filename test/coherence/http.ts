import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { API_KEY } from './stage.js';

export interface Answer {
  /** What was asked. */
  readonly request: string;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** JSON, if it was any. */
  readonly body: unknown;
}

/** Longer than a gateway may take for anything. */
const LIMIT_MS = 15_000;

const ORIGIN = /^\w+:\/\/[^/]+/;

const agent = new Agent({ keepAlive: true });

/** One request on a connection that is used again. Throws when there was no answer. */
export function call(url: string, method = 'GET', body?: unknown): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const sent = request(
      url,
      {
        agent,
        method,
        timeout: LIMIT_MS,
        headers: {
          authorization: `Bearer ${API_KEY}`,
          ...(text !== undefined && {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(text),
          }),
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const { statusCode: status = 0, headers } = response;
          const received = Buffer.concat(chunks).toString();
          const json = headers['content-type']?.includes('json') === true && received !== '';
          const path = url.replace(ORIGIN, '');
          resolve({
            request: `${method} ${path}`,
            status,
            headers,
            body: json ? JSON.parse(received) : undefined,
          });
        });
      },
    );
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${LIMIT_MS} ms`)));
    sent.on('error', reject);
    sent.end(text);
  });
}

/** Of the catalogue of errors. */
export function codeOf({ status, body }: Answer): string {
  const told = body as { code?: string; errors?: { extensions?: { code?: string } }[] } | undefined;
  return told?.code ?? told?.errors?.[0]?.extensions?.code ?? `status ${status}`;
}

export function closeConnections(): void {
  agent.destroy();
}
