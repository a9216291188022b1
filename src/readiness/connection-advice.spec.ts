import { describe, expect, it } from '@jest/globals';
import type { CamsSettings } from '../config/config.js';
import { loadConfig } from '../config/config.js';
import { connectionAdvice } from './connection-advice.js';

function settings(env: Record<string, string> = {}): CamsSettings {
  const required = {
    TENANTS_FILE: 'tenants.yaml',
    API_KEY_PEPPER: 'a pepper for this test, long enough',
    SINGLE_INSTANCE: 'true',
  };
  return loadConfig({ ...required, CAMS_ENDPOINT: 'cams.example.com', ...env }).cams;
}
const PROXY = { CAMS_PROXY: 'http://user:canary@proxy.example.com:3128' };

const lost = (errorCode: string, env?: Record<string, string>): string =>
  connectionAdvice({ kind: 'lost', sent: false, errorCode }, settings(env));

describe('the advice about a connection', () => {
  it.each<[string, string, Record<string, string> | undefined, RegExp]>([
    ['a name that is not resolved', 'ENOTFOUND', undefined, /^The name of cams\.example\.com .*CAMS_REGION/],
    [
      'a name of the proxy',
      'EAI_AGAIN',
      PROXY,
      /^The name of the proxy proxy\.example\.com:3128 .*CAMS_PROXY/,
    ],
    ['a refused connection', 'ECONNREFUSED', undefined, /unreachable \(ECONNREFUSED\).*firewall/],
    ['a proxy that is down', 'ECONNREFUSED', PROXY, /unreachable \(ECONNREFUSED\).*the proxy proxy\.example/],
    ['a proxy that refuses', 'PROXY_STATUS_407', PROXY, /^The proxy proxy\.example\.com:3128 refused .*407/],
    ['a foreign certificate', 'SELF_SIGNED_CERT_IN_CHAIN', undefined, /NODE_EXTRA_CA_CERTS/],
    ['an expired certificate', 'CERT_HAS_EXPIRED', undefined, /certificate of CAMS/],
    ['a code that must not be shown', '86138 00000001', undefined, /\(connection error\)/],
  ])('explains %s', (_what, code, env, pattern) => {
    expect(lost(code, env)).toMatch(pattern);
    expect(lost(code, env)).not.toMatch(/canary|86138/);
  });

  it('distinguishes a connection that was not established from a response that did not come', () => {
    const timeout = (sent: boolean): string => connectionAdvice({ kind: 'timeout', sent }, settings());
    expect(timeout(false)).toMatch(/^No connection to CAMS .*CAMS_ENDPOINT/);
    expect(timeout(true)).toMatch(/did not respond within 8000 ms.*CAMS_TIMEOUT_MS/);
  });

  it.each([
    [100, 'Set CAMS_PAGE_SIZE to at most 100.'],
    [undefined, 'lower CAMS_PAGE_SIZE.'],
  ])('names the page size for a short page: %s', (maxSize, advice) => {
    const text = connectionAdvice({ kind: 'short-page', maxSize, requestId: undefined }, settings());
    expect(text).toContain(advice);
  });
});
