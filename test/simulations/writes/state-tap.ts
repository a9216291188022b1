import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { RespFrames, wordsOf } from './resp.js';

/** A change of an idempotency record on its way to or from the store. */
export interface RecordStep {
  /** Its key in the store. */
  readonly key: string;
  readonly state: string;
}

/** Receives every step of a record before the store does, and every confirmation before the gateway does. */
export interface RecordWatch {
  /** Whether the step may pass. */
  asked(step: RecordStep): boolean;
  /** Called before the confirmation passes, which waits for the returned promise. `done`: the store holds the step. */
  confirmed(step: RecordStep, done: boolean): Promise<void> | undefined;
}

const RECORD = /^cgs:k:[\w-]+$/;
const STATE = /"state":"(\w+)"/;
/** EVALSHA, digest, 1, key; then expected version, version, value and lifetime of a write, or the version to remove. */
const KEY = 3;
const VALUE = 6;
const WRITE_WORDS = 8;
const REMOVE_WORDS = 5;
const DONE = ':1\r\n';

/** A proxy between one gateway and the state Redis that inspects the traffic. */
export class StateTap {
  readonly #sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly targetPort: number,
    private readonly watch: RecordWatch,
  ) {}

  static async start(targetPort: number, watch: RecordWatch): Promise<StateTap> {
    const server = createServer();
    const tap = new StateTap(server, targetPort, watch);
    server.on('connection', (client) => tap.#join(client));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return tap;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #join(client: Socket): void {
    const redis = connect(this.targetPort, '127.0.0.1');
    for (const socket of [client, redis]) {
      socket.setNoDelay(true);
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        client.destroy();
        redis.destroy();
      });
    }
    const unanswered: (RecordStep | undefined)[] = [];
    const commands = new RespFrames();
    client.on('data', (chunk) => {
      for (const frame of commands.push(chunk)) {
        const step = stepOf(frame);
        // A gateway whose step may not pass has been killed: nothing it sent may pass from now on.
        if (step && !this.watch.asked(step)) return client.destroy();
        unanswered.push(step);
        redis.write(frame);
      }
    });
    const replies = new RespFrames();
    let last = Promise.resolve();
    redis.on('data', (chunk) => {
      for (const frame of replies.push(chunk)) {
        const step = unanswered.shift();
        const held = step && this.watch.confirmed(step, frame.toString('latin1') === DONE);
        last = Promise.all([last, held]).then(() => {
          if (!client.destroyed) client.write(frame);
          return undefined;
        });
      }
    });
  }
}

function stepOf(frame: Buffer): RecordStep | undefined {
  if (!frame.includes('cgs:k:')) return undefined;
  const words = wordsOf(frame);
  const key = words[KEY] ?? '';
  if (!RECORD.test(key)) return undefined;
  if (words.length === REMOVE_WORDS) return { key, state: 'removed' };
  const state = words.length === WRITE_WORDS ? STATE.exec(words[VALUE] ?? '')?.[1] : undefined;
  return state === undefined ? undefined : { key, state };
}
