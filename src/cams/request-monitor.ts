import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { ClientRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { retryAfterSeconds } from './retry-after.js';
import { isRecord } from '../util/is-record.js';

/** Source: httpx, the HTTP library of the vendor's client. */
const CLIENTS_TIMER = 'TIMER::READ_TIMER';
const COMPRESSED_SHARE = 64;

const current = new AsyncLocalStorage<RequestMonitor>();

// Node publishes each outgoing request within the call that makes it: this links the request to its monitor.
subscribe('http.client.request.created', (message) => {
  if (!isRecord(message) || !(message['request'] instanceof ClientRequest)) return;
  current.getStore()?.attach(message['request']);
});

/**
 * Monitors the HTTP request that the vendor's client makes for one call. That client accepts neither an agent nor an
 * abort signal and reports few details of an error. The monitor can abort the request, limits the size of the response,
 * and knows whether anything was sent. If Node publishes no event, it assumes that the request was sent, and cannot
 * abort it.
 */
export class RequestMonitor {
  #request: ClientRequest | undefined;
  #connected = false;
  #status: number | undefined;
  #tooLarge = false;
  #retryAfterSeconds: number | undefined;

  /** `endsAtMs` is the deadline of the call (`performance.now()`): nothing is sent after it. */
  constructor(
    private readonly maxAnswerBytes: number,
    private readonly endsAtMs: number,
  ) {}

  /** Runs the call under this monitor. */
  run<T>(call: () => T): T {
    return current.run(this, call);
  }

  /** False only if it is certain that nothing was sent. */
  get mayHaveBeenSent(): boolean {
    return this.#request === undefined || this.#connected;
  }

  /** HTTP status of the response. The client loses it if the body cannot be parsed. */
  get status(): number | undefined {
    return this.#status;
  }

  /** How long CAMS asks to wait. The client does not expose headers. */
  get retryAfterSeconds(): number | undefined {
    return this.#retryAfterSeconds;
  }

  /** Whether the response was aborted because it exceeds the limit. */
  get tooLarge(): boolean {
    return this.#tooLarge;
  }

  /** Destroys the request and its socket. The resulting error of the client is ignored. */
  abort(): void {
    this.#request?.destroy();
  }

  attach(request: ClientRequest): void {
    if (this.#request !== undefined) return;
    this.#request = request;
    if (this.#endIfLate()) return;
    request.once('socket', (socket: Socket) => this.#noteConnection(socket));
    request.once('response', (answer) => {
      this.#status = answer.statusCode;
      this.#retryAfterSeconds = retryAfterSeconds(answer.headers);
      spellXmlAsTheClientDoes(answer);
      this.#boundAnswer(answer);
      endTimerOf(answer);
    });
  }

  #noteConnection(socket: Socket): void {
    const connected = (): void => {
      this.#endIfLate();
      // Even after an abort: TLS may have sent it already.
      this.#connected = true;
    };
    // Over TLS, nothing of the request is sent before the handshake is complete.
    if (socket.connecting) socket.once('encrypted' in socket ? 'secureConnect' : 'connect', connected);
    else connected();
  }

  /**
   * Aborts the request if its deadline has passed. After this process was paused, pending I/O runs before the timer of
   * the deadline: a write that others consider expired by now must not be sent.
   */
  #endIfLate(): boolean {
    const late = performance.now() >= this.endsAtMs;
    if (late) this.abort();
    return late;
  }

  /** Limits the size of the response. Counts bytes on the socket: a second reader would disturb the stream. */
  #boundAnswer(answer: IncomingMessage): void {
    const { socket, headers } = answer;
    // The request does not ask for compression. A compressed response may still expand to a thousand times its size.
    const limitBytes =
      this.maxAnswerBytes / (headers['content-encoding'] === undefined ? 1 : COMPRESSED_SHARE);
    let receivedBytes = 0;
    const count = (chunk: Buffer): void => {
      receivedBytes += chunk.length;
      if (receivedBytes <= limitBytes) return;
      this.#tooLarge = true;
      this.abort();
    };
    socket.on('data', count);
    answer.once('close', () => socket.off('data', count));
  }
}

/** The client parses XML, in which the vendor's gateway may refuse a request, only if its media type is spelled like this. */
function spellXmlAsTheClientDoes({ headers }: IncomingMessage): void {
  const type = headers['content-type'] ?? '';
  if (/^\s*(text|application)\/([\w.+-]+\+)?xml\b/i.test(type))
    headers['content-type'] = 'text/xml;charset=utf-8';
}

/**
 * Clears the client's timer with the response. The client never clears it, and until it fires it keeps the whole call
 * in memory. It is stored on the socket, where the next call replaces it.
 */
function endTimerOf(answer: IncomingMessage): void {
  const { socket } = answer;
  const symbol = Object.getOwnPropertySymbols(socket).find(
    ({ description }) => description === CLIENTS_TIMER,
  );
  const timer = symbol && (socket as unknown as Record<symbol, NodeJS.Timeout | undefined>)[symbol];
  answer.once('close', () => clearTimeout(timer));
}
