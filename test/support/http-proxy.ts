import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** One request as the proxy received it. */
export interface ProxiedRequest {
  readonly method: string | undefined;
  /** `host:port` of a tunnel, or an absolute URL. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  /** Of the client. */
  readonly socket: Duplex;
}

/** Headers for the proxy itself. */
const HOP_BY_HOP = new Set(['proxy-authorization', 'proxy-connection', 'connection']);

/** An HTTP proxy: tunnels with CONNECT, and requests with absolute URLs. */
export class HttpProxy {
  readonly requests: ProxiedRequest[] = [];
  /** The local ports behind `host:port` of tunnels; all others are connected to as they are. */
  readonly ports = new Map<string, number>();
  /** Replaces forwarding: writes any bytes to the client's socket, or none. */
  instead: ((client: Duplex, request: ProxiedRequest) => void) | undefined;
  readonly #server;
  readonly #protocol: string;
  readonly #sockets = new Set<Socket>();

  /** Speaks TLS with the client if there is a certificate. */
  constructor(tls?: { readonly key: string; readonly cert: string }) {
    this.#protocol = tls ? 'https' : 'http';
    this.#server = tls ? createTlsServer(tls) : createServer();
    this.#server.on('request', (incoming, response) => this.#forward(incoming, response));
    this.#server.on('connect', (incoming: IncomingMessage, client: Duplex) => this.#tunnel(incoming, client));
    this.#server.on('connection', (socket: Socket) => this.#note(socket));
  }

  /** Connections that are open, of clients and to targets. */
  get open(): number {
    return this.#sockets.size;
  }

  /** Starts listening; returns the URL, with these credentials. */
  async listen(credentials = ''): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const { port } = this.#server.address() as AddressInfo;
    return `${this.#protocol}://${credentials && `${credentials}@`}127.0.0.1:${port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Ends every connection, as a proxy does that restarts. */
  dropAll(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  #note(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#sockets.delete(socket));
  }

  /** Returns the recorded request, or nothing if it was handled otherwise. */
  #received({ method, url = '', headers }: IncomingMessage, socket: Duplex): ProxiedRequest | undefined {
    const received = { method, target: url, headers, socket };
    this.requests.push(received);
    if (this.instead === undefined) return received;
    // Otherwise this process would not notice that the client closes the connection.
    socket.resume().once('end', () => socket.end());
    this.instead(socket, received);
    return undefined;
  }

  #tunnel(incoming: IncomingMessage, client: Duplex): void {
    const received = this.#received(incoming, client);
    if (received === undefined) return;
    const { hostname, port } = new URL(`http://${received.target}`);
    const local = this.ports.get(received.target);
    const isLocal = local !== undefined || hostname.endsWith('.com');
    const target = connect(local ?? Number(port), isLocal ? '127.0.0.1' : hostname);
    this.#note(target);
    target.once('connect', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.pipe(client).pipe(target);
    });
    client.once('close', () => target.destroy());
    target.once('close', () => client.destroy());
  }

  #forward(incoming: IncomingMessage, response: ServerResponse): void {
    const received = this.#received(incoming, incoming.socket);
    if (received === undefined) return;
    const headers = Object.fromEntries(
      Object.entries(incoming.headers).filter(([name]) => !HOP_BY_HOP.has(name)),
    );
    const forwarded = request(received.target, { method: received.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forwarded.once('error', () => incoming.socket.destroy());
    incoming.pipe(forwarded);
  }
}
