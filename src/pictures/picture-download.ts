import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import type { LookupAddress } from 'node:dns';
import { isNativeError } from 'node:util/types';
import ipaddr from 'ipaddr.js';
import type { OutboundProxy } from '../config/config.js';
import { TunnelAgent } from '../outbound/tunnel-agent.js';
import { withFallback } from '../util/with-timeout.js';
import { JpegSize, type PictureSize } from './jpeg-size.js';

/** What WhatsApp accepts as the picture of a group. */
const MAX_BYTES = 5 * 1024 * 1024;
const MIN_PIXELS = 192;

const TIMEOUT_MS = 5_000;
const MAX_HEADER_BYTES = 16 * 1024;
/** The platform services of Azure, within its networks. */
const AZURE_PLATFORM = '168.63.129.16';

const NOT_PUBLIC = 'must name a host that has public addresses only';
const NOT_A_JPEG = 'must be a JPEG';
const TOO_LONG = 'must be a picture of at most 5 MB';
const TOO_SLOW = `could not be fetched within ${TIMEOUT_MS / 1000} seconds`;

/** How a host is reached. */
export interface PictureNetwork {
  readonly resolve: (host: string) => Promise<readonly LookupAddress[]>;
  readonly isPublic: (address: string) => boolean;
  readonly proxyFor: (url: URL) => OutboundProxy | null;
}

export function publicInternet(proxyFor: PictureNetwork['proxyFor']): PictureNetwork {
  // Through a proxy, only the first address is tried, and not every network has IPv6.
  return { resolve: (host) => lookup(host, { all: true, order: 'ipv4first' }), isPublic, proxyFor };
}

class NotPublic extends Error {}

/** Fetches pictures to see whether WhatsApp would accept them. Connects to no address but those that it has checked. */
export class PictureDownload {
  constructor(private readonly network: PictureNetwork) {}

  /** Returns what is wrong with the picture, `undefined` if nothing is. The URL must have passed `pictureHostFault`. */
  async fault(href: string, maxMs: number): Promise<string | undefined> {
    const ms = Math.min(TIMEOUT_MS, maxMs);
    const stop = new AbortController();
    const late = (): string => TOO_SLOW;
    try {
      return await withFallback(this.#judge(new URL(href), stop.signal), ms, late);
    } catch (error) {
      return error instanceof NotPublic ? NOT_PUBLIC : `could not be fetched: ${reasonOf(error)}`;
    } finally {
      stop.abort();
    }
  }

  async #judge(url: URL, signal: AbortSignal): Promise<string | undefined> {
    const options = { ...(await this.#route(url, signal)), signal, maxHeaderSize: MAX_HEADER_BYTES };
    const headers = { accept: 'image/jpeg', 'accept-encoding': 'identity' };
    const asked = request(url, { ...options, headers }).end();
    // Also once the response has begun, and nobody reads it.
    asked.on('error', () => undefined);
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    const { statusCode = 0, headers: received } = response;
    if (statusCode >= 300 && statusCode < 400) return 'must not redirect';
    if (statusCode !== 200) return `could not be fetched: its server responded with status ${statusCode}`;
    const announced = Number(received['content-length'] ?? Number.NaN);
    if (announced > MAX_BYTES) return TOO_LONG;
    return faultOf(response, announced);
  }

  /** Resolves the host, once. Every address must be public: which one WhatsApp will use is unknown. */
  async #route(url: URL, signal: AbortSignal): Promise<RequestOptions> {
    const addresses = await this.network.resolve(url.hostname).catch(noneIfUnknown);
    signal.throwIfAborted();
    const [first] = addresses;
    if (!first || !addresses.every(({ address }) => this.network.isPublic(address))) throw new NotPublic();
    const proxy = this.network.proxyFor(url);
    if (proxy) {
      const agent = new TunnelAgent(proxy);
      signal.addEventListener('abort', () => agent.destroy());
      return { agent, host: first.address, hostname: null, servername: url.hostname };
    }
    return {
      agent: false,
      lookup: (_host, { all }, found) => {
        if (all === true) found(null, [...addresses]);
        else found(null, first.address, first.family);
      },
    };
  }
}

/** Reads until the size is known, and to the end if the length was not announced. */
async function faultOf(response: AsyncIterable<Buffer>, announced: number): Promise<string | undefined> {
  const reader = new JpegSize();
  let size: PictureSize | undefined;
  let bytes = 0;
  for await (const chunk of response) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) return TOO_LONG;
    if (size) continue;
    const read = reader.read(chunk);
    if (read === 'not a JPEG') return NOT_A_JPEG;
    size = read;
    if (size && (sizeFault(size) !== undefined || announced >= bytes)) break;
  }
  return size ? sizeFault(size) : NOT_A_JPEG;
}

function sizeFault({ width, height }: PictureSize): string | undefined {
  const actual = `this one has ${width} × ${height} pixels`;
  if (width !== height) return `must be a square picture, but ${actual}`;
  return width < MIN_PIXELS
    ? `must be a picture of at least ${MIN_PIXELS} × ${MIN_PIXELS} pixels, but ${actual}`
    : undefined;
}

/** Callers must not learn which names exist in the gateway's network. */
function noneIfUnknown(error: unknown): [] {
  if (codeOf(error) === 'ENOTFOUND') return [];
  throw error;
}

function codeOf(error: unknown): string {
  return isNativeError(error) && 'code' in error ? String(error.code) : '';
}

function isPublic(address: string): boolean {
  return ipaddr.process(address).range() === 'unicast' && address !== AZURE_PLATFORM;
}

/** Says nothing of the network that the gateway is in. */
function reasonOf(error: unknown): string {
  return /CERT|TLS|SIGNATURE/.test(codeOf(error))
    ? 'the certificate of its host is not valid'
    : 'its host could not be reached, or ended the connection';
}
