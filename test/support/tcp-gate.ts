import { once } from 'node:events';
import { type Server, type Socket, connect, createServer } from 'node:net';
import { unusedPort } from './unused-port.js';

/** Forwards its own port to a server on loopback. While it is shut, connections are refused. */
export class TcpGate {
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  private constructor(
    readonly port: number,
    private readonly targetPort: number,
  ) {}

  static async to(targetPort: number): Promise<TcpGate> {
    const gate = new TcpGate(await unusedPort(), targetPort);
    await gate.open();
    return gate;
  }

  async open(): Promise<void> {
    const server = createServer((client) => {
      const target = connect(this.targetPort, '127.0.0.1');
      for (const socket of [client, target]) this.#keep(socket);
      client.pipe(target).pipe(client);
    });
    this.#server = server;
    server.listen(this.port, '127.0.0.1');
    await once(server, 'listening');
  }

  async shut(): Promise<void> {
    const server = this.#server;
    if (!server?.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    // A reset by the peer closes the connection.
    socket.on('error', () => socket.destroy());
  }
}
