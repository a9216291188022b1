import { once } from 'node:events';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent, type RequestOptions, request as requestHttps } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';
import { callbackify } from 'node:util';
import type { OutboundProxy } from '../config/config.js';

type Connected = [answer: IncomingMessage, tunnel: Socket, early: Buffer];

/** The proxy did not open a tunnel, so nothing was sent to the target. */
class TunnelRefused extends Error {
  /** For the log. */
  readonly code: string;
  constructor(status: number | undefined) {
    super('The proxy did not open a tunnel.');
    this.code = `PROXY_STATUS_${status}`;
  }
}

/**
 * Connections over TLS through an HTTP proxy, kept alive like direct ones. A proxy that refuses a tunnel is an error of
 * the connection; what it responds is never taken for a response of the target. A request gets its socket only when the
 * handshake is complete. Until then, destroying the request for the tunnel, or the tunnel, ends it.
 */
export class TunnelAgent extends Agent {
  readonly #proxy: OutboundProxy;
  /** What the agent itself does not know of yet. */
  readonly #opening = new Set<{ destroy(): void }>();

  constructor(proxy: OutboundProxy) {
    super({ keepAlive: true });
    this.#proxy = proxy;
  }

  override createConnection(
    options: RequestOptions,
    callback: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    callbackify(async () => this.#secure(options, await this.#open(options)))(callback);
  }

  /** Ends all connections, also those that are being opened. */
  override destroy(): void {
    for (const opening of this.#opening) opening.destroy();
    super.destroy();
  }

  async #open({ host, port: targetPort }: RequestOptions): Promise<Socket> {
    const { protocol, hostname, port, authorization } = this.#proxy;
    const target = `${host?.includes(':') === true ? `[${host}]` : host}:${targetPort}`;
    const headers = {
      host: target,
      ...(authorization !== undefined && { 'proxy-authorization': authorization }),
    };
    const request = protocol === 'https:' ? requestHttps : requestHttp;
    const connect = request({ host: hostname, port, agent: false, method: 'CONNECT', path: target, headers });
    const [{ statusCode }, tunnel, early] = (await this.#during(
      connect.end(),
      once(connect, 'connect'),
    )) as Connected;
    // A TLS server never speaks first.
    if (statusCode === 200 && early.length === 0) return tunnel;
    tunnel.destroy();
    throw new TunnelRefused(statusCode);
  }

  async #secure(options: RequestOptions, tunnel: Socket): Promise<Duplex> {
    const overTunnel: RequestOptions & Pick<ConnectionOptions, 'socket'> = { ...options, socket: tunnel };
    const secured = super.createConnection(overTunnel);
    if (!secured) throw new Error('Node creates TLS sockets synchronously.');
    const closed = new AbortController();
    secured.once('close', () => closed.abort());
    await this.#during(secured, once(secured, 'secureConnect', { signal: closed.signal }));
    return secured;
  }

  async #during<T>(opening: { destroy(): void }, opened: Promise<T>): Promise<T> {
    this.#opening.add(opening);
    try {
      return await opened;
    } finally {
      this.#opening.delete(opening);
    }
  }
}
