import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';

/** Why a request may not use the controls. */
export interface ControlRefusal {
  readonly status: number;
  readonly message: string;
}

/**
 * Returns why a request may not use the controls; `undefined` if it may. They take no credentials, so a page on another
 * site must not reach them through a browser: neither across origins, nor by a name of its own that resolves to this
 * machine, nor with a form.
 */
export function refuseControl(
  headers: IncomingHttpHeaders,
  listeningHost: string,
  hasBody: boolean,
): ControlRefusal | undefined {
  const { host, origin, 'sec-fetch-site': site, 'content-type': type } = headers;
  if (host !== undefined && !isOwnHost(host, listeningHost))
    return { status: 403, message: 'The controls are only available under the address of the sandbox.' };
  const crossesOrigins = origin !== undefined && origin.toLowerCase() !== `http://${host?.toLowerCase()}`;
  if (crossesOrigins || !['none', 'same-origin'].includes(site ?? 'none'))
    return { status: 403, message: 'The controls are not available to pages of another origin.' };
  if (hasBody && !/^\s*application\/json\s*(?:;|$)/i.test(type ?? ''))
    return { status: 415, message: 'The body must be JSON, with Content-Type: application/json.' };
  return undefined;
}

/** Whether a `Host` header names this machine, or the address that the sandbox listens on. */
function isOwnHost(header: string, listeningHost: string): boolean {
  const match = /^(\[[^\]]*\]|[^:]*)(?::\d{1,5})?$/.exec(header.toLowerCase());
  const name = match?.[1]?.replace(/^\[|\]$/g, '');
  if (name === undefined) return false;
  // Other containers use the host name of a container. No site can choose it.
  if (['localhost', '::1', listeningHost, hostname()].some((own) => own.toLowerCase() === name)) return true;
  return isIP(name) === 4 && name.startsWith('127.');
}
