import { connect, type Socket } from 'node:net';
import { ResponseParser, type WireResponse } from './response-parser.js';

/**
 * `late`: there was no complete response in time. `closed`: the connection ended without one. `dropped`: it ended after
 * the response to an earlier request.
 */
export type NoResponse = 'late' | 'closed' | 'dropped' | 'malformed';

interface Expected {
  readonly method: string;
  readonly resolve: (outcome: WireResponse | NoResponse) => void;
  readonly limit: NodeJS.Timeout;
}

/** A connection that writes given bytes, and matches responses to requests by their order. */
export class Connection {
  readonly #socket: Socket;
  readonly #expected: Expected[] = [];
  readonly #parser: ResponseParser;
  #over = false;
  #responses = 0;

  constructor(
    url: URL,
    /** Maximum time for each response. */
    private readonly limitMs: number,
  ) {
    this.#socket = connect(Number(url.port), url.hostname);
    this.#socket.setNoDelay(true);
    this.#parser = new ResponseParser(
      () => this.#expected[0]?.method !== 'HEAD',
      (response) => this.#answered(response),
    );
    this.#socket.on('data', (chunk) => {
      try {
        this.#parser.push(chunk);
      } catch {
        this.#end('malformed');
      }
    });
    // A server that has responded may reset the connection while it still receives data.
    this.#socket.on('error', () => this.#end('closed'));
    this.#socket.on('close', () => this.#end('closed'));
    this.#socket.on('end', () => this.#end('closed'));
  }

  /** Whether it can take no more requests. */
  get over(): boolean {
    return this.#over;
  }

  /** Writes one request; several may be in flight. */
  send(bytes: Buffer, method: string): Promise<WireResponse | NoResponse> {
    return new Promise((resolve) => {
      if (this.#over) return resolve('dropped');
      const limit = setTimeout(() => this.#end('late'), this.limitMs);
      this.#expected.push({ method, resolve, limit });
      this.#socket.write(bytes);
    });
  }

  /** Resolves once everything written has left this process, so that the server can read it. */
  flushed(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#over) return resolve();
      this.#socket.once('close', () => resolve());
      this.#socket.write('', () => resolve());
    });
  }

  /** Closes the client's side: the server sees the end of the data. */
  halfClose(): void {
    this.#socket.end();
  }

  close(): void {
    this.#end('closed');
  }

  reset(): void {
    this.#socket.resetAndDestroy();
    this.#end('closed');
  }

  #answered(response: WireResponse): void {
    const expected = this.#expected.shift();
    this.#responses += 1;
    if (expected) {
      clearTimeout(expected.limit);
      expected.resolve(response);
    }
    // A response to nothing: the server cut the bytes into more requests than were meant.
    if (expected === undefined || /close/i.test(response.headers['connection'] ?? '')) this.#end('closed');
  }

  #end(why: NoResponse): void {
    if (this.#over && this.#expected.length === 0) return;
    this.#over = true;
    this.#socket.destroy();
    for (const { resolve, limit } of this.#expected.splice(0)) {
      clearTimeout(limit);
      resolve(why === 'closed' && this.#responses > 0 ? 'dropped' : why);
    }
  }
}
