import { Agent, request } from 'node:http';
import { API_KEY, CLIENT_MS } from './settings.js';

export interface Answer {
  readonly status: number;
  readonly replayed: boolean;
  /** JSON, if it was any. */
  readonly body: unknown;
}

const agent = new Agent({ keepAlive: true });

/** One request; `undefined` when there was no answer, as of a gateway that was killed or is frozen. */
export function call(
  url: string,
  method: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const sent = request(
      url,
      {
        agent,
        method,
        headers: {
          ...headers,
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
        response.on('error', () => resolve(undefined));
        response.on('end', () => {
          const { statusCode: status = 0, headers: told } = response;
          const received = Buffer.concat(chunks).toString();
          const json = told['content-type']?.includes('json') === true && received !== '';
          resolve({
            status,
            replayed: told['idempotency-replayed'] === 'true',
            body: json ? JSON.parse(received) : undefined,
          });
        });
      },
    );
    const limit = setTimeout(() => sent.destroy(), CLIENT_MS);
    sent.on('error', () => undefined);
    sent.on('close', () => {
      clearTimeout(limit);
      resolve(undefined);
    });
    sent.end(text);
  });
}

export function closeConnections(): void {
  agent.destroy();
}
