import autocannon from 'autocannon';
import { quantile } from '../statistics/quantile.js';
import type { LoadRequest } from './load-request.js';

export interface Load {
  readonly url: string;
  readonly connections: number;
  /** What each connection sends, over and over. */
  readonly requests: (connection: number) => readonly LoadRequest[];
  /** Of every answer. */
  readonly status: number;
  readonly accepts: (body: string) => boolean;
  /** For how long, or how many requests in all. */
  readonly until: { readonly seconds: number } | { readonly requests: number };
}

/** What the load generator saw. Times in ms. */
export interface Seen {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

/** Each connection sends its next request when it has the answer to the last. Throws when any answer is not as it should be. */
export async function closedLoop(load: Load): Promise<Seen> {
  const { connections, until } = load;
  const amount = 'requests' in until ? { amount: until.requests } : { duration: until.seconds };
  let connection = 0;
  const times: number[] = [];
  let refused: string | undefined;
  const startedAt = performance.now();
  let answeredAt = startedAt;
  const { promise, resolve, reject } = Promise.withResolvers<autocannon.Result>();
  const run = autocannon(
    {
      url: load.url,
      connections,
      ...amount,
      sampleInt: 100,
      setupClient: (client) => {
        // Copies: the client writes its bytes into them.
        client.setRequests(load.requests(connection).map((request) => ({ ...request })));
        connection += 1;
      },
      verifyBody: (body) => {
        const text = String(body);
        if (load.accepts(text)) return true;
        refused ??= text;
        return false;
      },
    },
    (error: unknown, result) => (error === null ? resolve(result) : reject(error)),
  );
  // The histogram of the result knows whole milliseconds only.
  run.on('response', (_client, _status, _bytes, tookMs) => {
    times.push(tookMs);
    answeredAt = performance.now();
  });
  requireGood(await promise, load.status, refused);
  const sorted = Float64Array.from(times).sort();
  return {
    requests: times.length,
    perSecond: times.length / ((answeredAt - startedAt) / 1_000),
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
  };
}

function requireGood(result: autocannon.Result, status: number, refused: string | undefined): void {
  const { errors, mismatches, statusCodeStats = {} } = result;
  const others = Object.keys(statusCodeStats).filter((code) => Number(code) !== status);
  if (errors + mismatches + others.length === 0 && Object.keys(statusCodeStats).length > 0) return;
  const told = refused === undefined ? '' : `, the first of them ${refused}`;
  throw new Error(
    `${result.url}: ${errors} errors, ${mismatches} bodies that are no answer${told}, statuses ${JSON.stringify(statusCodeStats)} in place of ${status}`,
  );
}
