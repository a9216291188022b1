import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * A proxy between a client and a server on loopback that can cut, delay or hold their connections. It never loses or
 * reorders bytes on an open connection.
 */
export class TcpProxy {
  readonly #sockets = new Set<Socket>();
  #connections = 0;
  #resets = 0;
  #cut = false;
  #delayMs = 0;
  #trap: { readonly pattern: RegExp; readonly sprung: PromiseWithResolvers<void> } | undefined;
  #mine: { readonly pattern: RegExp; readonly when: 'before' | 'after' } | undefined;
  #held: PromiseWithResolvers<void> | undefined;

  private constructor(
    private readonly server: Server,
    private readonly targetPort: number,
  ) {}

  static async start(targetPort: number): Promise<TcpProxy> {
    const server = createServer();
    const proxy = new TcpProxy(server, targetPort);
    server.on('connection', (client) => proxy.#join(client));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Number of connections so far. */
  get connections(): number {
    return this.#connections;
  }

  /** Number of connections reset by the client. */
  get resets(): number {
    return this.#resets;
  }

  /** Resets every connection, and new ones too, until {@link repair}. */
  cut(): void {
    this.#cut = true;
    this.reset();
  }

  /** Resets every connection; new ones are accepted. */
  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Holds new data in both directions until {@link repair}. */
  hold(): void {
    this.#held ??= Promise.withResolvers();
  }

  /** Forwards the next data that matches, then holds all other data, as {@link hold} does. Resolves once it holds. */
  async holdAfter(pattern: RegExp): Promise<void> {
    this.#trap = { pattern, sprung: Promise.withResolvers() };
    await this.#trap.sprung.promise;
  }

  /** Resets every connection that sends data that matches, before or after it is forwarded, until {@link repair}. */
  resetAt(pattern: RegExp, when: 'before' | 'after'): void {
    this.#mine = { pattern, when };
  }

  /** Delays new data in both directions. */
  delay(ms: number): void {
    this.#delayMs = ms;
  }

  /** Ends all faults, and forwards the data that was held. */
  repair(): void {
    this.#cut = false;
    this.#delayMs = 0;
    this.#trap = undefined;
    this.#mine = undefined;
    this.#held?.resolve();
    this.#held = undefined;
  }

  async close(): Promise<void> {
    this.cut();
    this.repair();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #join(client: Socket): void {
    this.#connections++;
    if (this.#cut) {
      client.resetAndDestroy();
      return;
    }
    const server = connect(this.targetPort, '127.0.0.1');
    client.on('error', () => this.#resets++);
    this.#pass(client, server);
    this.#pass(server, client);
  }

  #pass(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    let last = Promise.resolve();
    // Forward each chunk after the previous one, and after the hold and delay in effect when it arrived.
    const later = (act: () => void): void => {
      const passes = Promise.all([last, this.#held?.promise, wait(this.#delayMs)]);
      last = passes.then(() => (to.destroyed ? undefined : act()));
    };
    from.on('data', (chunk) => {
      const mine = this.#mine?.pattern.test(chunk.toString()) ? this.#mine : undefined;
      if (mine?.when !== 'before') later(() => to.write(chunk));
      if (mine) later(() => from.resetAndDestroy());
      if (!this.#trap?.pattern.test(chunk.toString())) return;
      this.hold();
      this.#trap.sprung.resolve();
      this.#trap = undefined;
    });
    from.on('end', () => later(() => to.end()));
    // An error on one side destroys the other; 'close' follows.
    from.on('error', () => to.destroy());
    from.on('close', (failed) => {
      this.#sockets.delete(from);
      if (failed) to.destroy();
      else later(() => to.end());
    });
  }
}

function wait(ms: number): Promise<void> | undefined {
  return ms === 0 ? undefined : new Promise((resolve) => setTimeout(resolve, ms));
}
