import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { ACME_KEY } from './gateway.js';
import type { LoggedCall } from './sandbox-control.js';

/** A response to one reader of a herd. */
export interface HerdAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Concurrent readers of several gateways, each with its own open connection. */
export class Herd {
  readonly #agents: ReadonlyMap<string, Agent>;

  constructor(
    private readonly urls: readonly string[],
    private readonly readers: number,
  ) {
    this.#agents = new Map(urls.map((url) => [url, new Agent({ keepAlive: true })]));
  }

  /** Sends `path` from all readers. Also returns how many requests had been sent before the first response. */
  async read(path: string): Promise<{ answers: HerdAnswer[]; sentBeforeFirstAnswer: number }> {
    let sent = 0;
    let sentBeforeFirstAnswer: number | undefined;
    const one = (_: unknown, index: number): Promise<HerdAnswer> =>
      this.#get(this.urls[index % this.urls.length] ?? '', path, {
        onSent: () => (sent += 1),
        onAnswer: () => (sentBeforeFirstAnswer ??= sent),
      });
    const answers = await Promise.all(Array.from({ length: this.readers }, one));
    return { answers, sentBeforeFirstAnswer: sentBeforeFirstAnswer ?? 0 };
  }

  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
  }

  #get(
    url: string,
    path: string,
    on: { readonly onSent: () => void; readonly onAnswer: () => void },
  ): Promise<HerdAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<HerdAnswer>();
    const agent = this.#agents.get(url);
    request(url + path, { ...(agent && { agent }), headers: { authorization: `Bearer ${ACME_KEY}` } })
      .on('finish', on.onSent)
      .on('error', reject)
      .on('response', (response) => {
        on.onAnswer();
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
      })
      .end();
    return promise;
  }
}

/** Returns the maximum number of calls in a sandbox's log that were in flight at the same time. */
export function mostAtOnce(calls: readonly LoggedCall[]): number {
  const moments = calls
    .flatMap(({ at, durationMs }) => [
      { ms: Date.parse(at), change: 1 },
      // Start times have millisecond precision: an end in the same millisecond counts as earlier than the start.
      { ms: Math.floor(Date.parse(at) + durationMs), change: -1 },
    ])
    .toSorted((a, b) => a.ms - b.ms || a.change - b.change);
  let underWay = 0;
  return Math.max(...moments.map(({ change }) => (underWay += change)));
}
