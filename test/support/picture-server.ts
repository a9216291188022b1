import { type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Certificate } from './tls-front.js';

/** A server of pictures, over TLS. */
export class PictureServer {
  /** Responds to requests. */
  answer: (request: IncomingMessage, response: ServerResponse) => void = (_request, response) =>
    response.end();
  /** Paths requested so far. */
  readonly paths: string[] = [];
  /** Connections so far, also those without a request. */
  connections = 0;
  readonly #sockets = new Set<Duplex>();
  readonly #server;

  constructor(certificate: Certificate) {
    this.#server = createServer(certificate, (request, response) => {
      this.paths.push(request.url ?? '');
      this.answer(request, response);
    });
    this.#server.on('connection', (socket) => {
      this.connections += 1;
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('tlsClientError', () => undefined);
  }

  /** Connections that are open. */
  get open(): number {
    return this.#sockets.size;
  }

  /** Starts listening on 127.0.0.1; returns the port. */
  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ends every connection. */
  dropAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.dropAll();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
