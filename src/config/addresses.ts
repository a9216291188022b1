import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Parses a CAMS endpoint: `host[:port]` or a URL. */
export function parseEndpoint(text: string): URL | null {
  return URL.parse(text.includes('://') ? text : `https://${text}`);
}

/** Whether a CAMS endpoint is not on this machine. So is one that cannot be parsed. */
export function isRemoteEndpoint(text: string): boolean {
  const url = parseEndpoint(text);
  return url === null || !isLoopback(url.hostname);
}

/** Whether the name or address is a loopback address. */
export function isLoopback(hostname: string): boolean {
  const host = canonicalHost(hostname);
  if (host === 'localhost') return true;
  return ipaddr.isValid(host) && ipaddr.process(host).range() === 'loopback';
}

/** Returns a host name or address in one spelling: URLs with other schemes than `http` keep the one they were given. */
export function canonicalHost(hostname: string): string {
  const host = hostname.toLowerCase().replace(/^\[|\]$|\.$/g, '');
  return ipaddr.isValid(host) ? ipaddr.process(host).toString() : host;
}

/** Whether the text is an IP address or a CIDR range. */
export function isAddressOrRange(text: string): boolean {
  return isIP(text) !== 0 || ipaddr.isValidCIDR(text);
}

/** An origin of an app's own scheme, such as `capacitor://localhost`: web views send these like web origins. */
const APP_ORIGIN =
  /^(?!(?:https?|wss?|ftp|file|about|blob|data|javascript):)[a-z][a-z\d+.-]*:\/\/[a-z\d._-]+(?::\d{1,5})?$/;

/** Returns the origin of a URL, if it has one. */
export function originIn(text: string): string | undefined {
  const url = URL.parse(text);
  const origin = url?.origin === 'null' ? `${url.protocol}//${url.host}` : url?.origin;
  return origin !== undefined && isOrigin(origin) ? origin : undefined;
}

/** Whether the text is an origin exactly as browsers and web views send it. It has no wildcard. */
export function isOrigin(text: string): boolean {
  if (APP_ORIGIN.test(text)) return true;
  const url = URL.parse(text);
  const isWeb = url !== null && ['http:', 'https:'].includes(url.protocol) && url.origin === text;
  return isWeb && !text.includes('*');
}
