import { type Socket, connect } from 'node:net';
import { eventually } from './eventually.js';

/** A client that sends what a test wants, reads, and never closes its side by itself. */
export class HeldSocket {
  readonly #socket: Socket;
  #received = '';
  #hasEnded = false;
  #failure: string | undefined;

  /** Sends the text as Latin-1, if it is not empty. */
  constructor(url: string, text: string) {
    const { hostname, port } = new URL(url);
    this.#socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    this.#socket.on('data', (data) => (this.#received += data.toString('latin1')));
    this.#socket.on('end', () => (this.#hasEnded = true));
    // A reset also ends the connection.
    this.#socket.on('error', ({ message }) => {
      this.#hasEnded = true;
      this.#failure = message;
    });
    if (text !== '') this.send(text);
  }

  get received(): string {
    return this.#received;
  }

  /** Whether the server has ended the connection. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Why the connection broke, if it did. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Whether nothing can be sent any more. */
  get isClosed(): boolean {
    return this.#socket.destroyed;
  }

  send(text: string): void {
    this.#socket.write(text, 'latin1');
  }

  /** Resolves once the server has taken the text, or has closed the connection. */
  sendAll(text: string): Promise<void> {
    return new Promise((resolve) => this.#socket.write(text, 'latin1', () => resolve()));
  }

  /** Stops reading. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Closes this client's side; the other side stays open. */
  finish(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Waits until the server ends the connection; returns what it sent. */
  async ended(): Promise<string> {
    await eventually(async () => (this.#hasEnded ? true : undefined));
    return this.#received;
  }
}
