import autocannon from 'autocannon';
import { median, quantile } from '../statistics/quantile.js';
import { isGzip } from '../workloads/accepts.js';
import type { LoadRequest } from './load-request.js';
import { send } from './send.js';

export interface Load {
  readonly url: string;
  readonly connections: number;
  /** What each connection sends, repeatedly. */
  readonly requests: (connection: number) => readonly LoadRequest[];
  /** Expected of every response. */
  readonly status: number;
  readonly accepts: (body: string) => boolean;
  /** A duration, or a total number of requests. */
  readonly until: { readonly seconds: number } | { readonly requests: number };
}

/** What the load generator measured. Times in ms. */
export interface LoadResult {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** The median size of the bodies. */
  readonly bodyBytes: number;
}

/** Sizes of bodies are sampled, since measuring each would slow down the generator. */
const SAMPLE_EVERY = 64;

/** Each connection sends its next request once it has the response to the last one. Throws if any response is not as expected. */
export async function closedLoop(load: Load): Promise<LoadResult> {
  const { connections, until } = load;
  const amount = 'requests' in until ? { amount: until.requests } : { duration: until.seconds };
  let connection = 0;
  const times: number[] = [];
  let bodies = 0;
  const bodyBytes: number[] = [];
  let refused: string | undefined;
  let isCompressed = false;
  const startedAt = performance.now();
  let lastResponseAt = startedAt;
  const { promise, resolve, reject } = Promise.withResolvers<autocannon.Result>();
  const run = autocannon(
    {
      url: load.url,
      connections,
      ...amount,
      sampleInt: 100,
      setupClient: (client) => {
        // Copies, because the client writes its buffers into them.
        client.setRequests(load.requests(connection).map((request) => ({ ...request })));
        connection += 1;
      },
      verifyBody: (body) => {
        const text = String(body);
        if (bodies % SAMPLE_EVERY === 0) bodyBytes.push(Buffer.byteLength(text));
        bodies += 1;
        isCompressed ||= isGzip(text);
        if (load.accepts(text)) return true;
        refused ??= text;
        return false;
      },
    },
    (error: unknown, result) => (error === null ? resolve(result) : reject(error)),
  );
  // The histogram of the result has whole milliseconds only.
  run.on('response', (_client, _status, _bytes, tookMs) => {
    times.push(tookMs);
    lastResponseAt = performance.now();
  });
  requireExpected(await promise, load.status, refused);
  const sorted = Float64Array.from(times).sort();
  return {
    requests: times.length,
    perSecond: times.length / ((lastResponseAt - startedAt) / 1_000),
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    bodyBytes: isCompressed ? await sentBytes(load) : median(bodyBytes),
  };
}

function requireExpected(result: autocannon.Result, status: number, refused: string | undefined): void {
  const { errors, mismatches, statusCodeStats = {} } = result;
  const others = Object.keys(statusCodeStats).filter((code) => Number(code) !== status);
  if (errors + mismatches + others.length === 0 && Object.keys(statusCodeStats).length > 0) return;
  const first = refused === undefined ? '' : `, the first one ${refused}`;
  throw new Error(
    `${result.url}: ${errors} errors, ${mismatches} unexpected bodies${first}, statuses ${JSON.stringify(statusCodeStats)} instead of ${status}`,
  );
}

/** The generator cannot tell the size of a compressed body. */
async function sentBytes({ url, requests }: Load): Promise<number> {
  const [request] = requests(0);
  if (request === undefined) throw new Error('No requests to send.');
  return (await send(url, request)).bodyBytes;
}
