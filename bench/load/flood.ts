import { Agent, request } from 'node:http';
import type { LoadRequest } from './load-request.js';

/** What a flood sends, as a message to this program: each connection repeats the request. Any later message ends it. */
export interface Flood {
  readonly url: string;
  readonly connections: number;
  readonly request: LoadRequest;
}

/** Responses by status, the answer of this program. */
export type FloodCounts = Record<string, number>;

const stopped = new AbortController();

process.once('message', (flood: Flood) => {
  process.once('message', () => stopped.abort());
  void run(flood);
});

async function run({ url, connections, request: load }: Flood): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const counts: FloodCounts = {};
  const connection = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      const status = await send(url, load, agent);
      counts[status] = (counts[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
  agent.destroy();
  process.send?.(counts, () => process.disconnect());
}

/** Sends one request and discards the response, so that the sender takes little CPU time. Returns the status. */
function send(url: string, { path, method, headers, body = '' }: LoadRequest, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const length = { 'content-length': Buffer.byteLength(body) };
    const sent = request(url + path, { method, agent, headers: { ...headers, ...length } }, (response) => {
      const { statusCode: status = 0 } = response;
      response
        .resume()
        .on('end', () => resolve(status))
        .on('error', reject);
    });
    sent.on('error', reject).end(body);
  });
}
