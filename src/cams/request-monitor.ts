import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { ClientRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { ProxyRoute } from './proxy-route.js';
import { retryAfterSeconds } from './retry-after.js';
import { isRecord } from '../util/is-record.js';
import { JsonDepth } from '../util/json-depth.js';

/** Source: httpx, the HTTP library of the vendor's client. */
const CLIENTS_TIMER = 'TIMER::READ_TIMER';
/** A response of more takes milliseconds to parse, check and cache. */
const BRIEF_BYTES = 64 * 1_024;

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
  /** The request to a proxy for a tunnel, and then the tunnel, until it carries the request. */
  #tunnel: { destroy(): unknown } | undefined;
  #connected = false;
  #isAborted = false;
  #status: number | undefined;
  /** Size of the response body so far, as received. */
  receivedBytes = 0;
  #tooLarge = false;
  #notUtf8 = false;
  #tooDeep = false;
  #retryAfterSeconds: number | undefined;
  #clockOffsetMs: number | undefined;

  /**
   * `endsAtMs` is the deadline of the call (`performance.now()`): nothing is sent after it. The client gets the end of a long
   * response, which it then parses, when `turn` resolves. With a `route`, nothing is sent on any other way.
   */
  constructor(
    private readonly maxAnswerBytes: number,
    private readonly endsAtMs: number,
    private readonly turn: () => Promise<void>,
    private readonly route: ProxyRoute | null = null,
  ) {}

  /** Runs the call under this monitor. */
  run<T>(call: () => T): T {
    const { route } = this;
    return current.run(this, route === null ? call : () => route.run(call));
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

  /** By how much the server's clock is ahead of ours according to its `Date`, which has whole seconds. */
  get clockOffsetMs(): number | undefined {
    return this.#clockOffsetMs;
  }

  /** Whether the response was aborted because it exceeds the limit. */
  get tooLarge(): boolean {
    return this.#tooLarge;
  }

  /** Whether the response is not UTF-8. Known before the client has read it. */
  get notUtf8(): boolean {
    return this.#notUtf8;
  }

  /** Whether the response is nested too deeply to be processed. Known before the client has parsed it. */
  get tooDeep(): boolean {
    return this.#tooDeep;
  }

  /** Destroys the request and its socket, even if the client has yet to make it. The resulting error of the client is ignored. */
  abort(): void {
    this.#isAborted = true;
    this.#tunnel?.destroy();
    this.#request?.destroy();
  }

  attach(request: ClientRequest): void {
    if (request.method === 'CONNECT') {
      this.#tunnel = request;
      if (this.#isAborted) this.abort();
      request.once('connect', (_answer, socket) => (this.#tunnel = socket));
      return;
    }
    if (this.#request !== undefined) return;
    this.#request = request;
    if (this.#isAborted) return this.abort();
    if (this.#endIfLate()) return;
    if (this.route?.carries(request) === false) {
      // The client no longer sends as the route expects. A direct request could leak past the operator's proxy.
      this.abort();
      return;
    }
    request.once('socket', (socket: Socket) => this.#noteConnection(socket));
    request.once('response', (answer) => {
      this.#status = answer.statusCode;
      this.#retryAfterSeconds = retryAfterSeconds(answer.headers);
      const offsetMs = Date.parse(answer.headers.date ?? '') - Date.now();
      if (!Number.isNaN(offsetMs)) this.#clockOffsetMs = offsetMs;
      spellXmlAsTheClientDoes(answer);
      this.#boundAnswer(answer);
      this.#checkText(answer);
      endTimerOf(answer);
    });
  }

  #noteConnection(socket: Socket): void {
    this.#tunnel = undefined;
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

  /** Aborts a response that is too large, once Node has passed on the bytes that have arrived. */
  #boundAnswer(answer: IncomingMessage): void {
    const { socket } = answer;
    const check = (): void => {
      if (this.receivedBytes <= this.maxAnswerBytes) return;
      this.#tooLarge = true;
      this.abort();
    };
    socket.on('data', check);
    answer.once('close', () => socket.off('data', check));
  }

  /**
   * Counts the bytes of the body, and checks it before the client replaces its invalid bytes by U+FFFD, which would then look
   * like a character that CAMS sent, and before it parses nested JSON. Sees each chunk as Node pushes it into the stream: a
   * second reader would disturb the stream.
   */
  #checkText(answer: IncomingMessage): void {
    const push = answer.push.bind(answer);
    const decoder = new TextDecoder('utf-8', { fatal: true });
    const depth = new JsonDepth();
    let hasEnded = false;
    answer.push = (chunk: Buffer | null, encoding) => {
      // Node repeats the end if the connection closes before the client has read it.
      if (hasEnded) return false;
      hasEnded = chunk === null;
      try {
        if (!this.#notUtf8) {
          const text = decoder.decode(chunk ?? undefined, { stream: chunk !== null });
          this.#tooDeep ||= depth.add(text);
        }
      } catch {
        this.#notUtf8 = true;
      }
      if (chunk !== null) {
        this.receivedBytes += chunk.length;
        // The client gets a part of it, which it cannot parse. An abort from here would leave it waiting.
        return this.#tooDeep ? true : push(chunk, encoding);
      }
      if (this.receivedBytes <= BRIEF_BYTES) return push(null);
      void this.#endInTurn(answer, push);
      return false;
    };
  }

  async #endInTurn(answer: IncomingMessage, push: IncomingMessage['push']): Promise<void> {
    await this.turn();
    if (this.#isAborted) answer.destroy(new Error('aborted'));
    else push(null);
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
