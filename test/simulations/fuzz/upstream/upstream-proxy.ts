import { once } from 'node:events';
import {
  Agent,
  createServer,
  request,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** The response of the sandbox. */
export interface SaneAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
}

/** Sends something in place of the sandbox's response. */
export type Spoil = (response: ServerResponse, sane: SaneAnswer) => void;

/** A proxy between the gateways and the sandbox. Each call is executed; its response may be spoilt. */
export class UpstreamProxy {
  readonly #agent = new Agent({ keepAlive: true });
  /** Returns how to spoil the response to the next call; `undefined`: not at all. */
  #spoil: () => Spoil | undefined = () => undefined;
  #calls = 0;
  #underWay = 0;

  private constructor(
    private readonly server: Server,
    private readonly targetPort: number,
  ) {}

  static async start(targetPort: number): Promise<UpstreamProxy> {
    const server = createServer();
    const proxy = new UpstreamProxy(server, targetPort);
    server.on('request', (call: IncomingMessage, response: ServerResponse) => proxy.#pass(call, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get calls(): number {
    return this.#calls;
  }

  /** Calls that the sandbox has not answered yet. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Spoils responses from now on. */
  spoilWith(spoil: () => Spoil | undefined): void {
    this.#spoil = spoil;
  }

  behave(): void {
    this.#spoil = () => undefined;
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #pass(call: IncomingMessage, response: ServerResponse): void {
    this.#calls += 1;
    this.#underWay += 1;
    const { method, url: path, headers } = call;
    const target = { host: '127.0.0.1', port: this.targetPort, method, path, headers, agent: this.#agent };
    const passed = request(target, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const body = Buffer.concat(chunks);
        const type = answer.headers['content-type'] ?? '';
        const status = answer.statusCode ?? 0;
        const spoil = this.#spoil();
        if (spoil) spoil(response, { status, type, body });
        else response.writeHead(status, { ...answer.headers, 'content-length': body.length }).end(body);
      });
    });
    passed.on('error', () => response.destroy());
    passed.on('close', () => (this.#underWay -= 1));
    response.on('error', () => response.destroy());
    call.pipe(passed);
  }
}
