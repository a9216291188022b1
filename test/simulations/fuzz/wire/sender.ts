import { setTimeout as sleep } from 'node:timers/promises';
import { Connection, type NoResponse } from './connection.js';
import type { WireResponse } from './response-parser.js';
import { bytesOf, type WireRequest } from './wire-request.js';

const OWN_CONNECTION =
  /^(connection|upgrade|expect|te|trailer|transfer-encoding|content-length|content-encoding)$/i;
const PLAIN_METHOD = /^(GET|POST|PUT|PATCH|DELETE|OPTIONS)$/;
const LONG_BODY = 60_000;

/** Sends requests to one gateway: ordinary ones over one connection, others over their own. */
export class Sender {
  #connection: Connection | undefined;

  constructor(
    private readonly url: URL,
    private readonly limitMs: number,
  ) {}

  /** Sends ordinary requests one behind the other, without waiting for responses. */
  pipeline(requests: readonly WireRequest[]): Promise<(WireResponse | NoResponse)[]> {
    const connection = this.#open();
    return Promise.all(requests.map((wire) => connection.send(bytesOf(wire), wire.method)));
  }

  /** Sends one request over a connection of its own. */
  async alone(wire: WireRequest): Promise<WireResponse | NoResponse> {
    const connection = new Connection(this.url, this.limitMs);
    try {
      return await this.#sendAlone(connection, wire);
    } finally {
      connection.close();
    }
  }

  /** Whether the request can share a connection with others. */
  isOrdinary({ method, headers, body, framing, ending }: WireRequest): boolean {
    return (
      (ending ?? 'whole') === 'whole' &&
      framing !== 'none' &&
      PLAIN_METHOD.test(method) &&
      (body?.length ?? 0) < LONG_BODY &&
      !headers.some(([name]) => OWN_CONNECTION.test(name))
    );
  }

  /** Sends a request and leaves before its response. Resolves once the connection has ended. */
  async leave(wire: WireRequest, afterMs: number): Promise<void> {
    const connection = new Connection(this.url, this.limitMs);
    const outcome = connection.send(bytesOf(wire), wire.method);
    await connection.flushed();
    await Promise.race([outcome, sleep(afterMs)]);
    if (wire.ending === 'reset') connection.reset();
    else connection.close();
  }

  close(): void {
    this.#connection?.close();
  }

  async #sendAlone(connection: Connection, wire: WireRequest): Promise<WireResponse | NoResponse> {
    const bytes = bytesOf(wire);
    if (wire.ending !== 'truncated') return connection.send(bytes, wire.method);
    const outcome = connection.send(bytes.subarray(0, Math.ceil(bytes.length * 0.7)), wire.method);
    connection.halfClose();
    return outcome;
  }

  #open(): Connection {
    if (this.#connection === undefined || this.#connection.over)
      this.#connection = new Connection(this.url, this.limitMs);
    return this.#connection;
  }
}
