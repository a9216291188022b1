import { once } from 'node:events';
import {
  Agent,
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Spoiling, Write } from './plan.js';

/** A response of the sandbox. */
interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
}

/** Receives every call of a write. */
export interface CallWatch {
  /** Returns the write of a call; `undefined` for lists, and for invite links of groups just created. */
  writeOf(action: string, parameters: URLSearchParams): Write | undefined;
  /** The call arrived. Returns the fault for it, or `dead` if its gateway was killed at this moment. */
  arrived(write: Write): Spoiling | 'dead' | undefined;
  /** The call was executed. Returns whether its response may be sent back. */
  executed(write: Write): boolean;
}

const LATE_MS = 400;
const SLOW_MS = 250;
const FAILED: Reply = json(500, { Code: 'InternalError', Message: 'Injected failure.' });
const THROTTLED: Reply = json(400, { Code: 'Throttling.User', Message: 'Too many calls.' });
const REJECTED: Reply = json(400, { Code: 'InvalidParameter.Content', Message: 'Injected rejection.' });

/** A proxy between one gateway and the sandbox that knows the write of each call. */
export class UpstreamTap {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #server: Server;

  private constructor(
    private readonly targetPort: number,
    private readonly watch: CallWatch,
  ) {
    this.#server = createServer({ maxHeaderSize: 131_072 }, (incoming, outgoing) => {
      this.#serve(incoming, outgoing).catch(() => outgoing.destroy());
    });
    this.#server.keepAliveTimeout = 0;
  }

  static async start(targetPort: number, watch: CallWatch): Promise<UpstreamTap> {
    const tap = new UpstreamTap(targetPort, watch);
    tap.#server.listen(0, '127.0.0.1');
    await once(tap.#server, 'listening');
    return tap;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { url = '/', headers } = incoming;
    const parameters = new URLSearchParams(url.slice(url.indexOf('?') + 1));
    const write = this.watch.writeOf(String(headers['x-acs-action']), parameters);
    if (!write) return answer(outgoing, await this.#forward(incoming));
    const spoiling = this.watch.arrived(write);
    const reset = (): void => {
      incoming.socket.resetAndDestroy();
    };
    switch (spoiling) {
      case 'dead':
      case 'reset-before-apply':
        return reset();
      case 'hang-before-apply':
        return;
      case 'http500-before-apply':
        return answer(outgoing, FAILED);
      case 'throttled':
        return answer(outgoing, THROTTLED);
      case 'rejected':
        return answer(outgoing, REJECTED);
      case 'late-apply':
        reset();
        await sleep(LATE_MS);
        await this.#forward(incoming);
        return;
      case 'slow':
        await sleep(SLOW_MS);
        break;
      default:
    }
    const reply = await this.#forward(incoming);
    if (!this.watch.executed(write) || spoiling === 'reset-after-apply') return reset();
    if (spoiling === 'hang-after-apply') return;
    answer(outgoing, spoiling === 'http500-after-apply' ? FAILED : reply);
  }

  async #forward({ method = 'POST', url = '/', rawHeaders }: IncomingMessage): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          host: '127.0.0.1',
          port: this.targetPort,
          agent: this.#agent,
          method,
          path: url,
          setHost: false,
          headers: rawHeaders,
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const type = response.headers['content-type'] ?? 'application/json';
            resolve({ status: response.statusCode ?? 0, type, body: Buffer.concat(chunks) });
          });
        },
      );
      sent.on('error', reject);
      sent.end();
    });
  }
}

function answer(outgoing: ServerResponse, { status, type, body }: Reply): void {
  outgoing.writeHead(status, { 'content-type': type, 'content-length': body.length }).end(body);
}

function json(status: number, body: Record<string, string>): Reply {
  const text = JSON.stringify({ RequestId: 'TAP-O', ...body });
  return { status, type: 'application/json', body: Buffer.from(text) };
}
