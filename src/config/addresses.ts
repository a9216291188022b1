import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Whether only this machine can be reached under the name. */
export function isLoopbackEndpoint(text: string | undefined): boolean {
  return text?.startsWith('http://') === true && isLoopback(URL.parse(text)?.hostname ?? '');
}

/** Whether only this machine can be reached under the name. */
export function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (host === 'localhost') return true;
  return ipaddr.isValid(host) && ipaddr.process(host).range() === 'loopback';
}

/** An IP address, or a range of them in CIDR form. */
export function isAddressOrRange(text: string): boolean {
  return isIP(text) !== 0 || ipaddr.isValidCIDR(text);
}

/** A web origin exactly as browsers send it. */
export function isOrigin(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && ['http:', 'https:'].includes(url.protocol) && url.origin === text;
}
