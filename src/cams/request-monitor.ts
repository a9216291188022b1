import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { ClientRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { isRecord } from '../util/is-record.js';

/** Source: httpx, which the client sends with. */
const CLIENTS_TIMER = 'TIMER::READ_TIMER';
const COMPRESSED_SHARE = 64;

const current = new AsyncLocalStorage<RequestMonitor>();

// Node announces each outgoing request inside the call that makes it: that ties the request to its watch.
subscribe('http.client.request.created', (message) => {
  if (!isRecord(message) || !(message['request'] instanceof ClientRequest)) return;
  current.getStore()?.attach(message['request']);
});

/**
 * Watches the HTTP request that the vendor's client makes for one call. That client takes neither an agent nor an
 * abort signal and tells little of what went wrong; here its request can be ended, its answer is bounded in size, and
 * it is known whether anything was sent. Where Node announces nothing, the watch assumes the worse and ends nothing.
 */
export class RequestMonitor {
  #request: ClientRequest | undefined;
  #connected = false;
  #status: number | undefined;
  #tooLarge = false;

  /** `endsAtMs` is the call's deadline (`performance.now()`): from then on nothing is sent. */
  constructor(
    private readonly maxAnswerBytes: number,
    private readonly endsAtMs: number,
  ) {}

  /** Runs the call under this watch. */
  run<T>(call: () => T): T {
    return current.run(this, call);
  }

  /** False only where it is certain that nothing left this process. */
  get mayHaveBeenSent(): boolean {
    return this.#request === undefined || this.#connected;
  }

  /** HTTP status of the answer, which the client loses where the body cannot be parsed. */
  get status(): number | undefined {
    return this.#status;
  }

  /** Whether the answer was cut off because it exceeds the bound. */
  get tooLarge(): boolean {
    return this.#tooLarge;
  }

  /** Ends the request and its socket; what the client makes of it no longer matters. */
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
      this.#boundAnswer(answer);
      endTimerOf(answer);
    });
  }

  #noteConnection(socket: Socket): void {
    const connected = (): void => {
      this.#endIfLate();
      // Even then: whether TLS has held it back so far is not ours to know.
      this.#connected = true;
    };
    // Over TLS nothing of the request leaves before the handshake is done.
    if (socket.connecting) socket.once('encrypted' in socket ? 'secureConnect' : 'connect', connected);
    else connected();
  }

  /**
   * Where this process was stopped for a while, what it had begun goes on before the timer of the deadline does: a write
   * that others take for dead by now must not be sent.
   */
  #endIfLate(): boolean {
    const late = performance.now() >= this.endsAtMs;
    if (late) this.abort();
    return late;
  }

  /** The client buffers whatever comes. The bytes are counted on the socket: a second reader would disturb the stream. */
  #boundAnswer(answer: IncomingMessage): void {
    const { socket, headers } = answer;
    // Nobody asks for compression. What comes compressed all the same may unpack to a thousand times its size.
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

/**
 * Ends the client's timer with the answer. It is never ended otherwise, and until it goes off it keeps the whole call in
 * memory. It stands on the socket, where the next call puts its own.
 */
function endTimerOf(answer: IncomingMessage): void {
  const { socket } = answer;
  const symbol = Object.getOwnPropertySymbols(socket).find(
    ({ description }) => description === CLIENTS_TIMER,
  );
  const timer = symbol && (socket as unknown as Record<symbol, NodeJS.Timeout | undefined>)[symbol];
  answer.once('close', () => clearTimeout(timer));
}
