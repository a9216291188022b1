import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Whether the text is an `http:` URL of a loopback host. */
export function isLoopbackEndpoint(text: string | undefined): boolean {
  return text?.startsWith('http://') === true && isLoopback(URL.parse(text)?.hostname ?? '');
}

/** Whether the name or address is a loopback address. */
export function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (host === 'localhost') return true;
  return ipaddr.isValid(host) && ipaddr.process(host).range() === 'loopback';
}

/** Whether the text is an IP address or a CIDR range. */
export function isAddressOrRange(text: string): boolean {
  return isIP(text) !== 0 || ipaddr.isValidCIDR(text);
}

/** Whether the text is a web origin exactly as browsers send it. */
export function isOrigin(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && ['http:', 'https:'].includes(url.protocol) && url.origin === text;
}
