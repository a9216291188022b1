import ipaddr from 'ipaddr.js';
import { isLoopback } from './addresses.js';
import type { EnvReader } from './env-reader.js';

/** A proxy for outbound requests. Printing or serialising it never reveals the credentials. */
export class OutboundProxy {
  #credentials: string | undefined;

  constructor(
    readonly protocol: 'http:' | 'https:',
    /** A name or an address, an IPv6 address without brackets. */
    readonly hostname: string,
    readonly port: number,
    /** `user:password` */
    credentials?: string,
  ) {
    this.#credentials = credentials;
  }

  /** `host:port`, for logs. */
  get address(): string {
    return `${this.hostname.includes(':') ? `[${this.hostname}]` : this.hostname}:${this.port}`;
  }

  /** Uses the credentials of another proxy for later connections. Returns whether they differ. */
  adoptCredentials(other: OutboundProxy): boolean {
    const isNew = this.#credentials !== other.#credentials;
    this.#credentials = other.#credentials;
    return isNew;
  }

  /** Value of the `Proxy-Authorization` header. */
  get authorization(): string | undefined {
    if (this.#credentials === undefined) return undefined;
    return `Basic ${Buffer.from(this.#credentials).toString('base64')}`;
  }
}

/**
 * Returns the proxy for requests to a fixed URL, or `null` for a direct connection: `CAMS_PROXY` if `setting` names it,
 * otherwise `HTTPS_PROXY`, which never applies to this machine. `NO_PROXY` overrides both.
 */
export function readProxy(read: EnvReader, target: URL, setting?: 'CAMS_PROXY'): OutboundProxy | null {
  const direct = exempt(target, environment(read, 'NO_PROXY').text ?? '');
  if (setting !== undefined && read.text(setting) !== undefined) {
    const proxy = parseProxy(read, setting, read.text(setting));
    return direct ? null : proxy;
  }
  const { name, text } = environment(read, 'HTTPS_PROXY');
  if (text === undefined || direct || isLoopback(target.hostname)) return null;
  return parseProxy(read, name, text);
}

/** Returns what finds the proxy for a URL of another machine, or `null`: `HTTPS_PROXY`, unless `NO_PROXY` exempts the URL. */
export function readProxies(read: EnvReader): (target: URL) => OutboundProxy | null {
  const noProxy = environment(read, 'NO_PROXY').text ?? '';
  const { name, text } = environment(read, 'HTTPS_PROXY');
  const proxy = text === undefined ? null : parseProxy(read, name, text);
  return (target) => (exempt(target, noProxy) ? null : proxy);
}

/** Reads a variable that other programs use as well. Like them, it prefers the lower-case spelling. */
function environment(read: EnvReader, upper: string): { name: string; text: string | undefined } {
  const name = read.variable(upper.toLowerCase()) === undefined ? upper : upper.toLowerCase();
  return { name, text: read.variable(name) };
}

/** Parses the URL of a proxy. A fault never quotes it, because it may contain a password. */
function parseProxy(read: EnvReader, name: string, text = ''): OutboundProxy | null {
  const url = URL.parse(text);
  const { protocol } = url ?? {};
  if (url === null || (protocol !== 'http:' && protocol !== 'https:')) {
    read.fault(name, 'must be the http:// or https:// URL of a proxy');
    return null;
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    read.fault(name, 'must not have a path, query or fragment');
    return null;
  }
  const port = Number(url.port) || (protocol === 'https:' ? 443 : 80);
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  if (url.username === '' && url.password === '') return new OutboundProxy(protocol, hostname, port);
  try {
    const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    return new OutboundProxy(protocol, hostname, port, credentials);
  } catch {
    // A stray percent sign.
    read.fault(name, 'contains a user or password that is not percent-encoded');
    return null;
  }
}

/**
 * Returns whether `NO_PROXY` exempts a URL. An entry is `*`, a domain with all its subdomains (a leading dot or `*.` makes
 * no difference), an address, or a CIDR range, each but the first with an optional port. Source: curl.
 */
function exempt({ protocol, hostname, port }: URL, noProxy: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const targetPort = port || (protocol === 'https:' ? '443' : '80');
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => {
      if (entry === '*') return true;
      const [, bracketed, plain = entry, ofPort] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? [];
      const name = (bracketed ?? plain).replace(/^\*?\./, '').replace(/\.$/, '');
      if (name === '' || (ofPort !== undefined && ofPort !== targetPort)) return false;
      return host === name || host.endsWith(`.${name}`) || inRange(host, name);
    });
}

/** Returns whether both are addresses, and the second is equal to the first or a range that contains it. */
function inRange(host: string, range: string): boolean {
  if (!ipaddr.isValid(host)) return false;
  const address = ipaddr.process(host);
  if (ipaddr.isValid(range)) return ipaddr.process(range).toString() === address.toString();
  if (!ipaddr.isValidCIDR(range)) return false;
  const [network, bits] = ipaddr.parseCIDR(range);
  return network.kind() === address.kind() && address.match(network, bits);
}
