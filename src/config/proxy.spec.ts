import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { ConfigError, loadConfig, withSandboxAt } from './config.js';

const CAMS = {
  CAMS_ENDPOINT: 'cams.example.com',
  TENANTS_FILE: 'tenants.yaml',
  API_KEY_PEPPER: 'thirty-two characters or a few more',
  SINGLE_INSTANCE: 'true',
};
const LOOPBACK = { ...CAMS, CAMS_ENDPOINT: 'http://127.0.0.1:3900' };
const TOKENS = {
  ...CAMS,
  JWT_ISSUER: 'i',
  JWT_AUDIENCE: 'a',
  JWT_JWKS_URL: 'https://issuer.example.com/keys',
};
const PROXY = 'http://proxy.example.net:3128';

/** Returns the address of the proxy for CAMS. */
const camsProxy = (env: Record<string, string>): string | undefined => loadConfig(env).cams.proxy?.address;

function issuerProxy(env: Record<string, string>): string | undefined {
  const jwks = loadConfig(env).tenancy.jwt?.jwks;
  return jwks && 'url' in jwks ? jwks.proxy?.address : 'no URL';
}

function faults(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(env);
    return [];
  } catch (error) {
    return error instanceof ConfigError ? error.faults : [String(error)];
  }
}

describe('the proxy for CAMS', () => {
  it.each<[string, Record<string, string>, string | undefined]>([
    ['there is none by default', CAMS, undefined],
    ['HTTPS_PROXY', { ...CAMS, HTTPS_PROXY: PROXY }, 'proxy.example.net:3128'],
    ['https_proxy', { ...CAMS, https_proxy: PROXY }, 'proxy.example.net:3128'],
    ['https_proxy first', { ...CAMS, https_proxy: PROXY, HTTPS_PROXY: 'http://p' }, 'proxy.example.net:3128'],
    ['CAMS_PROXY first', { ...CAMS, CAMS_PROXY: PROXY, HTTPS_PROXY: 'http://p' }, 'proxy.example.net:3128'],
    ['not HTTP_PROXY', { ...CAMS, HTTP_PROXY: PROXY, http_proxy: PROXY }, undefined],
    [
      'an empty variable is unset',
      { ...CAMS, CAMS_PROXY: ' ', HTTPS_PROXY: PROXY },
      'proxy.example.net:3128',
    ],
    ['with port 80 by default', { ...CAMS, CAMS_PROXY: 'http://proxy.example.net/' }, 'proxy.example.net:80'],
    [
      'with port 443 over TLS',
      { ...CAMS, CAMS_PROXY: 'https://u:p@proxy.example.net' },
      'proxy.example.net:443',
    ],
    ['an IPv6 address', { ...CAMS, CAMS_PROXY: 'http://[::1]:3128' }, '[::1]:3128'],
    ['HTTPS_PROXY: not for this machine', { ...LOOPBACK, HTTPS_PROXY: PROXY }, undefined],
    [
      'HTTPS_PROXY: not for this machine over TLS',
      { ...CAMS, CAMS_ENDPOINT: 'https://localhost', HTTPS_PROXY: PROXY },
      undefined,
    ],
    ['CAMS_PROXY: for this machine, too', { ...LOOPBACK, CAMS_PROXY: PROXY }, 'proxy.example.net:3128'],
    [
      'CAMS_PROXY: not for exempt hosts',
      { ...LOOPBACK, CAMS_PROXY: PROXY, NO_PROXY: 'localhost,127.0.0.1' },
      undefined,
    ],
    ['never for the sandbox in this process', { CAMS_PROXY: PROXY, HTTPS_PROXY: PROXY }, undefined],
  ])('%s', (_title, env, address) => {
    expect(camsProxy(env)).toBe(address);
  });

  it('is not used for the sandbox at its actual address', () => {
    const config = withSandboxAt(loadConfig({ CAMS_PROXY: PROXY }), 'http://127.0.0.1:4000');
    expect(config.cams.proxy).toBeNull();
  });

  it('is used with decoded credentials, which are never shown', () => {
    const { proxy } = loadConfig({
      ...CAMS,
      CAMS_PROXY: 'http://gateway:p%40ss%3Aw%C3%B6rd@proxy:3128',
    }).cams;
    expect(proxy?.authorization).toBe(`Basic ${Buffer.from('gateway:p@ss:wörd').toString('base64')}`);
    expect(proxy?.address).toBe('proxy:3128');
    const shown = inspect(proxy, { depth: 9, showHidden: true }) + JSON.stringify(proxy);
    expect(shown).not.toMatch(/gateway|rd|Basic/);
  });

  it('is used without credentials if the URL has none', () => {
    expect(loadConfig({ ...CAMS, CAMS_PROXY: PROXY }).cams.proxy?.authorization).toBeUndefined();
  });
});

describe('NO_PROXY', () => {
  it.each<[string, string, boolean]>([
    ['*', 'cams.example.com', true],
    ['cams.example.com', 'cams.example.com', true],
    ['CAMS.Example.com', 'cams.example.com', true],
    ['example.com', 'cams.example.com', true],
    ['.example.com', 'cams.example.com', true],
    ['*.example.com', 'cams.example.com', true],
    ['other.org, example.com', 'cams.example.com', true],
    ['other.org example.com', 'cams.example.com', true],
    ['cams.example.com:443', 'cams.example.com', true],
    ['cams.example.com:8443', 'cams.example.com', false],
    ['cams.example.com:8443', 'cams.example.com:8443', true],
    ['ample.com', 'cams.example.com', false],
    ['example.com.evil', 'cams.example.com', false],
    ['s.example.com', 'cams.example.com', false],
    ['.', 'cams.example.com', false],
    [',', 'cams.example.com', false],
    ['10.0.0.0/8', '10.1.2.3', true],
    ['10.0.0.0/8', '11.1.2.3', false],
    ['10.1.2.3', '10.1.2.3', true],
    ['10.1.2.3:443', '10.1.2.3', true],
    ['10.1.2.3', '10.1.2.4', false],
    ['fd00::/8', '[fd00::1]', true],
    ['[fd00::1]', '[fd00::1]', true],
    ['[fd00::1]:443', '[fd00::1]', true],
    ['fd00:0::1', '[fd00::1]', true],
    ['fd00::/8', '10.1.2.3', false],
  ])('%s, for %s: exempt is %s', (noProxy, endpoint, direct) => {
    const env = { ...CAMS, CAMS_ENDPOINT: endpoint, HTTPS_PROXY: PROXY };
    const expected = direct ? undefined : 'proxy.example.net:3128';
    expect(camsProxy({ ...env, NO_PROXY: noProxy })).toBe(expected);
    expect(camsProxy({ ...env, no_proxy: noProxy, NO_PROXY: 'other.org' })).toBe(expected);
  });
});

describe('the proxy for the keys of the token issuer', () => {
  it.each<[string, Record<string, string>, string | undefined]>([
    ['there is none by default', TOKENS, undefined],
    ['HTTPS_PROXY', { ...TOKENS, HTTPS_PROXY: PROXY }, 'proxy.example.net:3128'],
    ['not CAMS_PROXY', { ...TOKENS, CAMS_PROXY: PROXY }, undefined],
    ['not for exempt hosts', { ...TOKENS, HTTPS_PROXY: PROXY, NO_PROXY: 'issuer.example.com' }, undefined],
    [
      'not for this machine',
      { ...TOKENS, JWT_JWKS_URL: 'http://127.0.0.1/keys', HTTPS_PROXY: PROXY },
      undefined,
    ],
  ])('%s', (_title, env, address) => {
    expect(issuerProxy(env)).toBe(address);
  });
});

describe('the proxy for pictures', () => {
  const pictureProxy = (env: Record<string, string>): string | undefined =>
    loadConfig({ PICTURE_CHECK: 'fetch', CAMS_PROXY: 'http://p', ...env }).pictures.proxyFor(
      new URL('https://cdn.acme.travel/group.jpg'),
    )?.address;

  it.each<[string, Record<string, string>, string | undefined]>([
    ['there is none by default', {}, undefined],
    ['HTTPS_PROXY', { HTTPS_PROXY: PROXY }, 'proxy.example.net:3128'],
    ['not for exempt hosts', { HTTPS_PROXY: PROXY, NO_PROXY: 'acme.travel' }, undefined],
    ['not if pictures are not fetched', { HTTPS_PROXY: PROXY, PICTURE_CHECK: 'url' }, undefined],
  ])('%s', (_name, env, address) => {
    expect(pictureProxy(env)).toBe(address);
  });
});

describe('a proxy that is not valid', () => {
  it.each([
    'proxy.example.net',
    'proxy.example.net:3128',
    'socks5://proxy:1080',
    'http://',
    'http://user:hunter2@',
    'http://user:hunter2@proxy:99999',
    'http://user:hunter2@proxy:3128/path',
    'http://user:hunter2@proxy:3128?query',
    'http://user:hunter2@proxy:3128#fragment',
    'http://user:hunter2%@proxy:3128',
  ])('is a fault that does not quote it: %s', (url) => {
    for (const name of ['CAMS_PROXY', 'HTTPS_PROXY', 'https_proxy']) {
      const [fault = '', ...others] = faults({ ...CAMS, [name]: url });
      expect(others).toEqual([]);
      expect(fault).toMatch(new RegExp(`^${name} (must|contains)`));
      expect(fault).not.toMatch(/hunter2|proxy\.example|user:/);
    }
  });

  it('is a fault only where it would be used', () => {
    const bad = 'not a URL';
    expect(faults({ ...CAMS, HTTPS_PROXY: bad, NO_PROXY: 'example.com' })).toEqual([]);
    expect(faults({ ...CAMS, HTTPS_PROXY: bad, CAMS_PROXY: PROXY })).toEqual([]);
    expect(faults({ ...LOOPBACK, HTTPS_PROXY: bad })).toEqual([]);
    expect(faults({ HTTPS_PROXY: bad })).toEqual([]);
    expect(faults({ ...TOKENS, HTTPS_PROXY: bad, CAMS_PROXY: PROXY })).toHaveLength(1);
    // For CAMS and for the issuer, but reported once.
    expect(faults({ ...TOKENS, HTTPS_PROXY: bad })).toHaveLength(1);
    expect(faults({ PICTURE_CHECK: 'fetch', HTTPS_PROXY: bad })).toHaveLength(1);
    // A setting of the gateway itself is always checked.
    expect(faults({ CAMS_PROXY: bad })).toHaveLength(1);
    expect(faults({ ...CAMS, CAMS_PROXY: bad, NO_PROXY: '*' })).toHaveLength(1);
  });
});
