import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { ACME_KEY } from './gateway.js';
import type { LoggedCall } from './sandbox-control.js';

/** One answer of a herd. */
export interface HerdAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Readers of several gateways who come at the same time, each on a connection of its own that is open before. */
export class Herd {
  readonly #agents: ReadonlyMap<string, Agent>;

  constructor(
    private readonly urls: readonly string[],
    private readonly readers: number,
  ) {
    this.#agents = new Map(urls.map((url) => [url, new Agent({ keepAlive: true })]));
  }

  /** All of them get `path`; how many had been sent when the first answer came is told too. */
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

/** The most calls of a sandbox's log that were under way at the same time. */
export function mostAtOnce(calls: readonly LoggedCall[]): number {
  const moments = calls
    .flatMap(({ at, durationMs }) => [
      { ms: Date.parse(at), change: 1 },
      // The log knows starts by the millisecond only: what ends in the one of a start has ended before it.
      { ms: Math.floor(Date.parse(at) + durationMs), change: -1 },
    ])
    .toSorted((a, b) => a.ms - b.ms || a.change - b.change);
  let underWay = 0;
  return Math.max(...moments.map(({ change }) => (underWay += change)));
}
