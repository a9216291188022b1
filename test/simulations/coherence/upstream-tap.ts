import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { ListsUnderWay } from './lists-under-way.js';
import type { UpstreamWrites } from './upstream-writes.js';

const REQUEST = /^[A-Z]+ \/\?(\S*) HTTP\/1\.1\r\n/;
const ACTION = /\r\nx-acs-action: (\w+)\r\n/i;

/** Where a tap records the calls that pass. */
export interface UpstreamLog {
  readonly lists: ListsUnderWay;
  readonly writes: UpstreamWrites;
}

/**
 * A proxy between one replica and the sandbox: counts lists in flight and writes, and can delay responses. A list
 * produced before a write that arrives after it must not be cached.
 */
export class UpstreamTap {
  readonly #sockets = new Set<Socket>();
  #answerDelayMs = 0;

  private constructor(
    private readonly server: Server,
    private readonly replica: number,
    private readonly log: UpstreamLog,
  ) {}

  static async start(targetPort: number, replica: number, log: UpstreamLog): Promise<UpstreamTap> {
    const server = createServer();
    const tap = new UpstreamTap(server, replica, log);
    server.on('connection', (client) => tap.#join(client, connect(targetPort, '127.0.0.1')));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return tap;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Delays responses of the sandbox from now on. */
  delayAnswers(ms: number): void {
    this.#answerDelayMs = ms;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #join(client: Socket, sandbox: Socket): void {
    let done: (() => void) | undefined;
    const end = (): void => {
      done?.();
      done = undefined;
    };
    for (const socket of [client, sandbox]) {
      socket.setNoDelay(true);
      this.#sockets.add(socket);
      // Closing one side closes the other; 'close' follows 'error'.
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        end();
        this.#sockets.delete(socket);
        client.destroy();
        sandbox.destroy();
      });
    }
    client.on('data', (chunk) => {
      sandbox.write(chunk);
      const text = chunk.toString('latin1');
      const query = REQUEST.exec(text)?.[1];
      const action = ACTION.exec(text)?.[1];
      if (query === undefined || action === undefined) return;
      end();
      if (action.startsWith('List')) done = this.log.lists.start(this.replica, query);
      else this.log.writes.passed(action, query);
    });
    let last = Promise.resolve();
    sandbox.on('data', (chunk) => {
      const arrives = Promise.all([last, wait(this.#answerDelayMs)]);
      last = arrives.then(() => {
        end();
        if (!client.destroyed) client.write(chunk);
        return undefined;
      });
    });
  }
}

function wait(ms: number): Promise<void> | undefined {
  return ms === 0 ? undefined : new Promise((resolve) => setTimeout(resolve, ms));
}
