import { isLoopback } from './addresses.js';
import type { EnvReader } from './env-reader.js';
import type { CamsEndpoint, CamsSettings } from './settings.js';

/** Where CAMS is; encrypted, unless it is on this machine. */
export function readEndpoint(read: EnvReader, text: string): CamsEndpoint {
  const url = URL.parse(text.includes('://') ? text : `https://${text}`);
  const bare = url && url.pathname === '/' && !url.search && !url.hash && !url.username && !url.password;
  if (!bare || !['http:', 'https:'].includes(url.protocol)) {
    read.fault('CAMS_ENDPOINT', 'must be host[:port], or an http(s) URL without path');
    return { protocol: 'HTTPS', host: 'invalid' };
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    read.fault(
      'CAMS_ENDPOINT',
      'may use http: only toward loopback, since requests are signed but not encrypted',
    );
  }
  return { protocol: url.protocol === 'http:' ? 'HTTP' : 'HTTPS', host: url.host };
}

/** Those of account `default`; `null`: the vendor's default chain. */
export function readCredentials(read: EnvReader): CamsSettings['credentials'] {
  const accessKeyId = read.text('CAMS_ACCESS_KEY_ID');
  const accessKeySecret = read.text('CAMS_ACCESS_KEY_SECRET');
  const securityToken = read.text('CAMS_SECURITY_TOKEN');
  if (accessKeyId === undefined && accessKeySecret === undefined) {
    if (securityToken !== undefined)
      read.fault('CAMS_SECURITY_TOKEN', 'needs CAMS_ACCESS_KEY_ID and CAMS_ACCESS_KEY_SECRET');
    return null;
  }
  return {
    accessKeyId: accessKeyId ?? read.missing('CAMS_ACCESS_KEY_ID'),
    accessKeySecret: accessKeySecret ?? read.missing('CAMS_ACCESS_KEY_SECRET'),
    ...(securityToken !== undefined && { securityToken }),
  };
}
