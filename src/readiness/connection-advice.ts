import type { CamsFailure } from '../cams/cams-failure.js';
import { cleanCode } from '../cams/clean-message.js';
import type { CamsSettings } from '../config/config.js';

type ConnectionFailure = Exclude<CamsFailure, { kind: 'refused' }>;

const TLS = /CERT|SELF_SIGNED|ISSUER|ALTNAME|^ERR_(SSL|TLS)/;
const NAME_NOT_RESOLVED = /^(ENOTFOUND|EAI_)/;

/** Returns what an operator must do if CAMS did not respond, or not as CAMS does. */
export function connectionAdvice(failure: ConnectionFailure, settings: CamsSettings): string {
  const { endpoint, proxy, timeoutMs } = settings;
  const { host } = endpoint;
  const route = proxy ? `the proxy ${proxy.address}` : 'the network and the firewall';
  switch (failure.kind) {
    case 'timeout':
      return failure.sent
        ? `CAMS (${host}) did not respond within ${timeoutMs} ms. Check ${route}; if CAMS is slow, raise CAMS_TIMEOUT_MS.`
        : `No connection to CAMS (${host}) within ${timeoutMs} ms. Check CAMS_ENDPOINT and CAMS_REGION, and ${route}.`;
    case 'lost':
      return lostAdvice(cleanCode(failure.errorCode) ?? 'connection error', settings, route);
    case 'short-page':
      return `CAMS returned fewer groups than it counts. ${
        failure.maxSize
          ? `Set CAMS_PAGE_SIZE to at most ${failure.maxSize}.`
          : 'If CAMS limits the size of a page, lower CAMS_PAGE_SIZE.'
      }`;
    case 'broken': {
      const status = failure.status === undefined ? '' : `HTTP ${failure.status}, `;
      return `The response of ${host} is not one of CAMS (${status}${failure.what}). Check CAMS_ENDPOINT, and that no proxy responds in place of CAMS.`;
    }
  }
}

function lostAdvice(code: string, { endpoint: { host }, proxy }: CamsSettings, route: string): string {
  if (code.startsWith('PROXY_'))
    return `The proxy ${proxy?.address} refused the connection to CAMS (${code}). Check CAMS_PROXY or HTTPS_PROXY, and that the proxy allows ${host}.`;
  if (TLS.test(code))
    return `The TLS certificate of CAMS (${host}) was not accepted (${code}). If a proxy inspects TLS, name its CA in NODE_EXTRA_CA_CERTS.`;
  if (NAME_NOT_RESOLVED.test(code)) {
    const names = proxy ? `the proxy ${proxy.address}` : host;
    return `The name of ${names} could not be resolved (${code}). Check DNS, and ${proxy ? 'CAMS_PROXY or HTTPS_PROXY' : 'CAMS_ENDPOINT and CAMS_REGION'}.`;
  }
  return `CAMS (${host}) is unreachable (${code}). Check CAMS_ENDPOINT, and ${route}.`;
}
