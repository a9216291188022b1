import type { EnvReader } from './env-reader.js';
import { type OutboundProxy, readProxies } from './proxy.js';

export interface PictureSettings {
  /**
   * `url`: the URL of a picture must name a host of the public internet, on port 443; `fetch`: the gateway must also be able to
   * fetch the picture, and WhatsApp must accept its format and size.
   */
  readonly check: 'off' | 'url' | 'fetch';
  /** Returns the proxy for fetching a picture. */
  readonly proxyFor: (url: URL) => OutboundProxy | null;
}

export function readPictures(read: EnvReader): PictureSettings {
  const check = read.oneOf('PICTURE_CHECK', ['off', 'url', 'fetch'] as const, 'url');
  return { check, proxyFor: check === 'fetch' ? readProxies(read) : () => null };
}
