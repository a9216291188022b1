import { describe, expect, it } from '@jest/globals';
import { ConfigError, loadConfig } from './config.js';

type Settings = Readonly<Record<string, string>>;

const VALID: Settings = {
  TENANTS_FILE: 'tenants.yaml',
  API_KEY_PEPPER: 'thirty-two characters or a few more',
  REDIS_URL: 'rediss://:secret@cache.example.com',
  STATE_REDIS_URL: 'rediss://:secret@state.example.com',
};
const TOKENS = { JWT_ISSUER: 'i', JWT_AUDIENCE: 'a' };
/** A loopback endpoint keeps the rules of NODE_ENV=production: it may be a tunnel. */
const PRODUCTION: readonly [why: string, settings: Settings][] = [
  ['by NODE_ENV', { NODE_ENV: 'production' }],
  ['by NODE_ENV, with CAMS behind a tunnel', { NODE_ENV: 'production', CAMS_ENDPOINT: 'http://127.0.0.1:1' }],
  ['by endpoint', { CAMS_ENDPOINT: 'cams.ap-southeast-1.aliyuncs.com' }],
  ['by endpoint, in development', { NODE_ENV: 'development', CAMS_ENDPOINT: 'https://10.0.0.1:8443' }],
  ['by endpoint, in a test', { NODE_ENV: 'test', CAMS_ENDPOINT: 'https://0.0.0.0' }],
];

function faultyNames(settings: Settings): string[] {
  try {
    loadConfig(settings);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map((fault) => fault.split(' ')[0] ?? '');
    throw error;
  }
}

/** Refused in production only. */
const REFUSED: readonly (readonly [name: string, settings: Settings])[] = [
  ['API_KEY_PEPPER', { API_KEY_PEPPER: 'sandbox-pepper' }],
  ['API_KEY_PEPPER', { API_KEY_PEPPER: 'aaaaaaaaaaaaaaaa' }],
  ['API_KEY_PEPPER', { API_KEY_PEPPER: 'a pepper of 31 characters: abcd' }],
  ['API_KEY_PEPPER', { API_KEY_PEPPER: 'a'.repeat(64) }],
  ['API_KEY_PEPPER', { API_KEY_PEPPER: `${'a'.repeat(63)}b` }],
  ['API_KEY_PEPPER', { API_KEY_PEPPER: 'ab'.repeat(32) }],
  ['API_KEY_PEPPER', { API_KEY_PEPPER: '01'.repeat(64) }],
  ['API_KEY_PEPPER', { API_KEY_PEPPER: 'password'.repeat(5) }],
  ['API_KEY_PEPPER', { API_KEY_PEPPER: 'passwordpasswordpasswordpassword!' }],
  ['API_KEY_PEPPER', { API_KEY_PEPPER: 'correct horse battery staple '.repeat(2) }],
  ['API_KEY_PEPPER', { API_KEY_PEPPER: '12345678901234567890123456789012' }],
  ['API_KEY_PEPPER', { API_KEY_PEPPER: 'abcdefghijklmnopqrstuvwxyz0123456789' }],
  ['API_KEY_PEPPER', { API_KEY_PEPPER: 'please-change-me-in-production-9f3b!' }],
  ['API_KEY_PEPPER', { API_KEY_PEPPER: 'replace-with-openssl-rand-base64-48-output' }],
  ['API_KEY_PEPPER_PREVIOUS', { API_KEY_PEPPER_PREVIOUS: 'short' }],
  ['NODE_TLS_REJECT_UNAUTHORIZED', { NODE_TLS_REJECT_UNAUTHORIZED: '0' }],
  ['API_KEY_PEPPER_PREVIOUS', { API_KEY_PEPPER_PREVIOUS: 'sandbox-pepper' }],
  ['SINGLE_INSTANCE', { REDIS_URL: '', STATE_REDIS_URL: '' }],
  ['STATE_REDIS_URL', { STATE_REDIS_URL: '' }],
  ['REDIS_URL', { REDIS_URL: 'redis://:secret@cache.example.com' }],
  ['REDIS_URL', { REDIS_URL: 'redis://10.0.0.1' }],
  ['REDIS_URL', { REDIS_URL: 'redis://127.0.0.1:1,redis://cache.example.com:1' }],
  ['REDIS_URL', { REDIS_URL: 'redis+sentinel://a.example.com:1,b.example.com:1/name' }],
  ['STATE_REDIS_URL', { STATE_REDIS_URL: 'redis://:secret@state.example.com' }],
  ['STATE_REDIS_URL', { STATE_REDIS_URL: VALID['REDIS_URL'] ?? '' }],
  ['STATE_REDIS_URL', { STATE_REDIS_URL: 'rediss://:other@CACHE.example.com.:6379/1' }],
  ['STATE_REDIS_URL', { STATE_REDIS_URL: 'rediss://cache.example.com,rediss://b.example.com' }],
  ['STATE_REDIS_URL', { REDIS_URL: 'redis://127.0.0.1:1', STATE_REDIS_URL: 'redis://localhost:1/2' }],
  ['STATE_REDIS_URL', { REDIS_URL: 'redis://[::1]:1', STATE_REDIS_URL: 'redis://127.0.0.1:1' }],
  ['STATE_REDIS_URL', { REDIS_URL: 'rediss://10.0.0.1', STATE_REDIS_URL: 'rediss://[::ffff:10.0.0.1]' }],
  ...[
    '0.0.0.0/0',
    '10.0.0.1/0',
    '::/0',
    '::1/0',
    '0.0.0.0/1,128.0.0.0/1',
    '10.0.0.0/8,::/1,8000::/1',
    '128.0.0.0/1',
    '2000::/3',
    // These cover all IPv4 addresses.
    '::ffff:0:0/96',
    '::/64',
    '::ffff:0.0.0.0/97,::ffff:128.0.0.0/97',
    Array.from({ length: 256 }, (_, first) => `${first}.0.0.0/8`).join(),
  ].map((ranges) => ['TRUST_PROXY', { TRUST_PROXY: ranges }] as const),
];

/** Refused everywhere. */
const ALWAYS_REFUSED: readonly (readonly [name: string, settings: Settings])[] = [
  ['TRUST_PROXY', { TRUST_PROXY: '*' }],
  ['TRUST_PROXY', { TRUST_PROXY: 'true' }],
  ['CORS_ORIGINS', { CORS_ORIGINS: '*' }],
  ['CORS_ORIGINS', { CORS_ORIGINS: 'null' }],
  ['CORS_ORIGINS', { CORS_ORIGINS: 'https://*.example.com' }],
  ['REDIS_PLAINTEXT', { REDIS_PLAINTEXT: 'yes' }],
  ['JWT_JWKS_URL', { ...TOKENS, JWT_JWKS_URL: 'http://issuer.example.com/keys' }],
  ['JWT_JWKS_URL', { ...TOKENS, JWT_JWKS_URL: 'https://user:secret@issuer.example.com/keys' }],
];

const ACCEPTED: readonly Settings[] = [
  {},
  { API_KEY_PEPPER: '0f9b2c7d4e1a8365c0d7e2f4918b3a6d' },
  { API_KEY_PEPPER: '83920175648392018475619203847566' },
  { API_KEY_PEPPER_PREVIOUS: 'a weak old pepper' },
  { TRUST_PROXY: '10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,100.64.0.0/10,127.0.0.1,fc00::/7,fe80::/10,::1' },
  { REDIS_URL: 'redis://127.0.0.1:1', STATE_REDIS_URL: 'redis://LOCALHOST:2' },
  { REDIS_URL: 'redis://cache.example.com', REDIS_PLAINTEXT: 'allowed' },
  { STATE_REDIS_URL: 'redis+sentinel://a:1,b:1/name', REDIS_PLAINTEXT: 'allowed' },
  { STATE_REDIS_URL: VALID['REDIS_URL'] ?? '', STATE_DURABILITY: 'relaxed' },
  { STATE_REDIS_URL: 'rediss://cache.example.com:6380' },
  {
    REDIS_URL: 'redis+sentinel://a:1,b:1/cache',
    STATE_REDIS_URL: 'redis+sentinel://a:1,b:1/state',
    REDIS_PLAINTEXT: 'allowed',
  },
  { ...TOKENS, JWT_JWKS_URL: 'http://127.0.0.1:1/keys' },
];

describe.each(PRODUCTION)('production %s', (_, mode) => {
  it.each([...REFUSED, ...ALWAYS_REFUSED])('refuses %s: %j', (name, settings) => {
    expect(faultyNames({ ...VALID, ...mode, ...settings })).toEqual([name]);
  });

  it('reports everything that it refuses at once', () => {
    const all = {
      API_KEY_PEPPER: 'short',
      TENANTS_FILE: '',
      REDIS_URL: 'redis://a.example.com',
      STATE_REDIS_URL: 'redis://a.example.com',
      TRUST_PROXY: '0.0.0.0/0',
      CORS_ORIGINS: '*',
      ...TOKENS,
      JWT_JWKS_URL: 'http://issuer.example.com/keys',
    };
    expect(new Set(faultyNames({ ...VALID, ...mode, ...all }))).toEqual(
      new Set(Object.keys(all).filter((name) => !Object.hasOwn(TOKENS, name))),
    );
  });

  it.each(ACCEPTED)('accepts %j', (settings) => {
    expect(faultyNames({ ...VALID, ...mode, ...settings })).toEqual([]);
  });

  it('has no sandbox, no introspection, no IDE and no allowed origin by default', () => {
    expect(loadConfig({ ...VALID, ...mode })).toMatchObject({
      production: true,
      sandbox: null,
      graphql: { introspection: false, ide: false },
      http: { corsOrigins: [] },
    });
  });
});

describe.each<[string, Settings]>([
  ['the sandbox', {}],
  ['the sandbox in a test', { NODE_ENV: 'test' }],
  ['a standalone sandbox', { CAMS_ENDPOINT: 'http://127.0.0.1:3900' }],
  ['a standalone sandbox over IPv6', { CAMS_ENDPOINT: 'http://[::1]:3900' }],
  ['a standalone sandbox by name', { CAMS_ENDPOINT: 'http://LOCALHOST:3900' }],
])('with %s', (_, mode) => {
  it.each(REFUSED)('accepts %s: %j', (_name, settings) => {
    expect(faultyNames({ ...VALID, ...mode, ...settings })).toEqual([]);
  });

  it.each(ALWAYS_REFUSED)('refuses %s: %j', (name, settings) => {
    expect(faultyNames({ ...VALID, ...mode, ...settings })).toEqual([name]);
  });
});
