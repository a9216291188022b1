import { Agent, type IncomingHttpHeaders, request } from 'node:http';

export interface ReceivedAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The parsed body if it is JSON. */
  readonly body: unknown;
}

/** No complete response was received in time. */
export class NoAnswer extends Error {}

const IDLE_MS = 30_000;

/** An HTTP client that reuses connections and sends one API key. */
export class KeepAliveClient {
  // Idle connections close earlier than a server or proxy closes them, so that no request meets a closing one.
  readonly #agent = new Agent({ keepAlive: true, timeout: IDLE_MS });

  constructor(
    private readonly apiKey: string,
    /** Maximum time to wait for a complete response. */
    private readonly limitMs: number,
  ) {}

  /** Sends one request. Throws {@link NoAnswer} if there is no complete response in time. */
  async call(
    url: string,
    method: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<ReceivedAnswer> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const { received, ...answer } = await this.#send(url, method, text, headers);
    const json = answer.headers['content-type']?.includes('json') === true && received !== '';
    return { ...answer, body: json ? (JSON.parse(received) as unknown) : undefined };
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(
    url: string,
    method: string,
    text: string | undefined,
    headers: Readonly<Record<string, string>>,
  ): Promise<Omit<ReceivedAnswer, 'body'> & { readonly received: string }> {
    return new Promise((resolve, reject) => {
      const failed = (error: Error): void =>
        reject(new NoAnswer(`no response: ${error.message}`, { cause: error }));
      const options = {
        agent: this.#agent,
        method,
        headers: {
          ...headers,
          authorization: `Bearer ${this.apiKey}`,
          ...(text !== undefined && {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(text),
          }),
        },
      };
      const sent = request(url, options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', failed);
        response.on('end', () => {
          const { statusCode: status = 0, headers: told } = response;
          resolve({ status, headers: told, received: Buffer.concat(chunks).toString() });
        });
      });
      const late = (): void => {
        sent.destroy(new Error(`none within ${this.limitMs} ms`));
      };
      const limit = setTimeout(late, this.limitMs);
      sent.on('error', failed);
      sent.on('close', () => clearTimeout(limit));
      sent.end(text);
    });
  }
}
