import { AsyncLocalStorage } from 'node:async_hooks';
import type { Agent, ClientRequest, OutgoingHttpHeaders } from 'node:http';
import { createRequire } from 'node:module';
import type { CamsEndpoint, OutboundProxy } from '../config/config.js';
import { TunnelAgent } from '../outbound/tunnel-agent.js';

/** The part of httpx that the vendor's client uses. */
interface Httpx {
  request: (url: string | UrlParts, options: HttpxOptions) => Promise<unknown>;
}

interface UrlParts {
  readonly protocol: string;
  readonly hostname: string;
  readonly port: number;
  readonly path: string;
}

interface HttpxOptions {
  readonly headers?: OutgoingHttpHeaders;
  readonly agent?: Agent;
}

const current = new AsyncLocalStorage<ProxyRoute>();
let redirected = false;

/**
 * The way to CAMS through an HTTP proxy: a tunnel for `https:`, absolute URLs for `http:`. The vendor's client ignores
 * its own proxy settings and accepts no agent, so its HTTP library is intercepted.
 */
export class ProxyRoute {
  readonly #proxy: OutboundProxy;
  readonly #tunnels: TunnelAgent | undefined;

  constructor(proxy: OutboundProxy, protocol: CamsEndpoint['protocol']) {
    this.#proxy = proxy;
    this.#tunnels = protocol === 'HTTPS' ? new TunnelAgent(proxy) : undefined;
    redirectHttpx();
  }

  /** Runs a call of the vendor's client whose request takes this route. */
  run<T>(call: () => T): T {
    return current.run(this, call);
  }

  /** Whether the request takes this route. */
  carries(request: ClientRequest): boolean {
    if (this.#tunnels === undefined) return request.path.startsWith('http://');
    return 'agent' in request && request.agent === this.#tunnels;
  }

  /** Returns what httpx needs to send a request on this route. */
  redirect(url: string, options: HttpxOptions): [string | UrlParts, HttpxOptions] {
    if (this.#tunnels !== undefined) return [url, { ...options, agent: this.#tunnels }];
    const { protocol, hostname, port, authorization } = this.#proxy;
    const headers = {
      ...options.headers,
      ...(authorization !== undefined && { 'proxy-authorization': authorization }),
    };
    // The client writes the scheme in capitals.
    const path = url.replace(/^http:/i, 'http:');
    return [
      { protocol, hostname, port, path },
      { ...options, headers },
    ];
  }
}

/** Lets requests take the current route. Without one, they are sent as before. Has no effect the second time. */
function redirectHttpx(): void {
  if (redirected) return;
  redirected = true;
  const httpx = httpxOfClient();
  const { request } = httpx;
  httpx.request = (url, options) => {
    const route = current.getStore();
    if (route === undefined || typeof url !== 'string') return request(url, options);
    return request(...route.redirect(url, options));
  };
}

/** Loads the very instance that the vendor's client uses, whatever other versions are installed. */
function httpxOfClient(): Httpx {
  let from = createRequire(import.meta.url);
  for (const name of ['@alicloud/openapi-client', '@alicloud/tea-typescript'])
    from = createRequire(from.resolve(name));
  return from('httpx') as Httpx;
}
