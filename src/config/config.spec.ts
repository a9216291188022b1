import { describe, expect, it } from '@jest/globals';
import { ConfigError, loadConfig, loadPepper, loadSandboxSettings, withSandboxAt } from './config.js';

const PRODUCTION = {
  NODE_ENV: 'production',
  SINGLE_INSTANCE: 'true',
  TENANTS_FILE: 'tenants.yaml',
  API_KEY_PEPPER: 'thirty-two characters or a few more',
};

function faults(load: () => unknown): readonly string[] {
  try {
    load();
    return [];
  } catch (error) {
    return error instanceof ConfigError ? error.faults : [String(error)];
  }
}

describe('settings', () => {
  it('default to the documented values, with the sandbox', () => {
    const { secret: _secret, reread: _reread, ...config } = loadConfig({});
    expect(config).toEqual({
      production: false,
      http: {
        host: '127.0.0.1',
        port: 3000,
        maxConnections: 10_000,
        trustProxy: [],
        corsOrigins: 'loopback',
        requestBudgetMs: 20_000,
        shutdownDelayMs: 0,
        maxEventLoopDelayMs: 100,
      },
      management: { host: '127.0.0.1', port: 3001 },
      redis: null,
      state: { redis: null, durability: 'strict' },
      audit: { file: null, required: false },
      cache: {
        coherence: 'available',
        freshMs: 15_000,
        staleWhileRevalidateMs: 60_000,
        staleIfErrorMs: 600_000,
        settleMs: 5_000,
      },
      cams: expect.objectContaining({
        region: 'ap-southeast-1',
        timeoutMs: 8_000,
        lateApplyMs: 22_000,
        pageSize: 100,
        maxUrlBytes: 32_768,
        maxConcurrency: 64,
        qps: 50,
        endpoint: { protocol: 'HTTP', host: '127.0.0.1:3900' },
      }),
      creates: { resolveTimeoutMs: 5_000, operationWindowMs: 600_000, longestWindowMs: 1_200_000 },
      pictures: expect.objectContaining({ check: 'url' }),
      sandbox: {
        host: '127.0.0.1',
        port: 3900,
        fallbackToFreePort: true,
        unlistedMs: 0,
        creatingMs: 0,
        listLagMs: 0,
        qps: null,
      },
      tenancy: {
        file: 'config/tenants.sandbox.yaml',
        pepper: expect.any(String),
        previousPepper: null,
        jwt: null,
      },
      graphql: { introspection: true, ide: true, documents: 'any', documentsFile: null },
      fastPath: true,
      logLevel: 'info',
      logFormat: process.stdout.isTTY ? 'pretty' : 'json',
      labelsTenant: false,
      changed: {},
      traces: null,
      warnings: [],
    });
  });

  it('never start the sandbox in production and disable introspection and the IDE there', () => {
    const config = loadConfig(PRODUCTION);
    expect(config.sandbox).toBeNull();
    expect(config.cams.endpoint).toEqual({ protocol: 'HTTPS', host: 'cams.ap-southeast-1.aliyuncs.com' });
    expect(config.cams.credentials).toBeNull();
    expect(config.graphql).toMatchObject({ introspection: false, ide: false });
  });

  it.each([
    [{}, true],
    [{ SANDBOX_PORT: '3900' }, false],
  ])('let the sandbox choose another port only if none was set: %j', (env, falls) => {
    expect(loadConfig(env).sandbox?.fallbackToFreePort).toBe(falls);
  });

  it.each([
    [{ PORT: '3001' }, ['MANAGEMENT_PORT']],
    [{ CAMS_ACCESS_KEY_ID: 'LTAI5tXYZ', CAMS_ACCESS_KEY_SECRET: 'x' }, ['CAMS_ACCESS_KEY_ID']],
    [
      { NODE_ENV: 'development', CAMS_ACCESS_KEY_ID: 'STS.x', CAMS_ACCESS_KEY_SECRET: 'x' },
      ['CAMS_ACCESS_KEY_ID'],
    ],
    [{ PORT: '4000', MANAGEMENT_PORT: '4000' }, ['MANAGEMENT_PORT']],
    [{ NODE_ENV: 'prod' }, ['NODE_ENV']],
    [{ NODE_ENV: 'Production' }, ['NODE_ENV']],
    [{ NODE_ENV: 'production ' }, ['NODE_ENV']],
    [{ '\uFEFFNODE_ENV': 'production' }, ['NODE_ENV']],
    [{ 'CACHE_FRESH_MS\u200B': '1' }, ['CACHE_FRESH_MS']],
    [{ API_KEY_PEPPER_PREVIOUS: 'a', API_KEY_PEPPER: 'a' }, ['API_KEY_PEPPER_PREVIOUS']],
    [{ ...PRODUCTION, API_KEY_PEPPER_PREVIOUS: 'short' }, ['API_KEY_PEPPER_PREVIOUS']],
  ])('are refused together: %j', (env, names) => {
    expect(faults(() => loadConfig(env)).map((fault) => fault.split(' ')[0])).toEqual(names);
  });

  it('do not include inherited members of the environment', () => {
    const { secret } = loadConfig(Object.assign(Object.create({ INHERITED: 'x' }), { OWN: 'y' }));
    expect([secret('constructor'), secret('INHERITED'), secret('OWN')]).toEqual([undefined, undefined, 'y']);
  });

  it('do not check names again when secrets are read again', () => {
    const env: Record<string, string> = {};
    const config = loadConfig(env);
    env['CAMS_ISV2_SECRET'] = 'of an account that the tenants file no longer names';
    expect(config.reread().warnings).toEqual([]);
  });

  it('are frozen', () => {
    expect(Object.isFrozen(loadConfig({}))).toBe(true);
  });

  it('treat an empty variable as unset', () => {
    expect(loadConfig({ PORT: '', CORS_ORIGINS: ' ', TRUST_PROXY: ',' }).http).toMatchObject({
      port: 3000,
      corsOrigins: 'loopback',
      trustProxy: [],
    });
  });

  it('use the actual address of the sandbox', () => {
    const config = withSandboxAt(loadConfig({}), 'http://127.0.0.1:4567');
    expect(config.cams.endpoint).toEqual({ protocol: 'HTTP', host: '127.0.0.1:4567' });
  });

  it.each<[Record<string, string>, string, unknown]>([
    [{ MANAGEMENT_PORT: '0' }, 'management', null],
    [{ LOG_LEVEL: 'TRACE' }, 'logLevel', 'trace'],
    [{ GRAPHQL_INTROSPECTION: 'off' }, 'graphql.introspection', false],
    [{ ...PRODUCTION, GRAPHQL_IDE: '1' }, 'graphql.ide', true],
    [
      { CORS_ORIGINS: 'capacitor://localhost,ionic://localhost,app+x://acme.travel:81' },
      'http.corsOrigins',
      ['capacitor://localhost', 'ionic://localhost', 'app+x://acme.travel:81'],
    ],
    [
      { CORS_ORIGINS: 'https://a.com, http://b.com:8080' },
      'http.corsOrigins',
      ['https://a.com', 'http://b.com:8080'],
    ],
    [{ TRUST_PROXY: '10.0.0.0/8,::1' }, 'http.trustProxy', ['10.0.0.0/8', '::1']],
    [
      { ...PRODUCTION, CAMS_ENDPOINT: 'http://localhost:1' },
      'cams.endpoint',
      { protocol: 'HTTP', host: 'localhost:1' },
    ],
    [
      { ...PRODUCTION, CAMS_ENDPOINT: 'a.com:8443' },
      'cams.endpoint',
      { protocol: 'HTTPS', host: 'a.com:8443' },
    ],
    [{ ...PRODUCTION, CAMS_REGION: 'eu-central-1' }, 'cams.endpoint.host', 'cams.eu-central-1.aliyuncs.com'],
    [{ SANDBOX_QPS: '5' }, 'sandbox.qps', 5],
    [{ STATE_DURABILITY: 'relaxed' }, 'state.durability', 'relaxed'],
    [{ FAST_PATH: 'off' }, 'fastPath', false],
    [{ FAST_PATH: 'on' }, 'fastPath', true],
    [{ AUDIT_FILE: '/var/log/audit' }, 'audit', { file: '/var/log/audit', required: false }],
    [{ AUDIT_FILE: 'a', AUDIT_REQUIRED: 'true' }, 'audit', { file: 'a', required: true }],
  ])('are read: %j', (env, path, value) => {
    expect(loadConfig(env)).toHaveProperty(path, value);
  });

  it.each<[Record<string, string>, string]>([
    [{ PORT: '65536' }, 'PORT'],
    [{ PORT: '-1' }, 'PORT'],
    [{ PORT: '3e3' }, 'PORT'],
    [{ REQUEST_BUDGET_MS: '999' }, 'REQUEST_BUDGET_MS'],
    [{ MAX_EVENT_LOOP_DELAY_MS: '-1' }, 'MAX_EVENT_LOOP_DELAY_MS'],
    [{ CAMS_PAGE_SIZE: '0' }, 'CAMS_PAGE_SIZE'],
    [{ CAMS_REGION: 'ap southeast' }, 'CAMS_REGION'],
    [{ TRUST_PROXY: '10.0.0.0/33' }, 'TRUST_PROXY'],
    [{ TRUST_PROXY: 'balancer' }, 'TRUST_PROXY'],
    [{ CORS_ORIGINS: '*' }, 'CORS_ORIGINS'],
    [{ CORS_ORIGINS: 'https://a.com/' }, 'CORS_ORIGINS'],
    [{ CORS_ORIGINS: 'null' }, 'CORS_ORIGINS'],
    ...['://*', '://localhost/', '://localhost/a', '://', '://u@localhost', ':localhost', '://Localhost'].map(
      (rest): [Record<string, string>, string] => [{ CORS_ORIGINS: `capacitor${rest}` }, 'CORS_ORIGINS'],
    ),
    [{ CORS_ORIGINS: 'file://localhost' }, 'CORS_ORIGINS'],
    [{ CORS_ORIGINS: 'wss://a.com' }, 'CORS_ORIGINS'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL'],
    [{ GRAPHQL_IDE: 'maybe' }, 'GRAPHQL_IDE'],
    [{ GRAPHQL_DOCUMENTS: 'some' }, 'GRAPHQL_DOCUMENTS'],
    [{ GRAPHQL_DOCUMENTS: 'trusted' }, 'GRAPHQL_DOCUMENTS_FILE'],
    [{ GRAPHQL_DOCUMENTS_FILE: '/does/not/exist' }, 'GRAPHQL_DOCUMENTS_FILE'],
    [{ FAST_PATH: 'true' }, 'FAST_PATH'],
    [{ ...PRODUCTION, CAMS_ENDPOINT: 'http://cams.example.com' }, 'CAMS_ENDPOINT'],
    [{ ...PRODUCTION, CAMS_ENDPOINT: 'https://user@a.com' }, 'CAMS_ENDPOINT'],
    [{ ...PRODUCTION, CAMS_ENDPOINT: 'https://a.com/path' }, 'CAMS_ENDPOINT'],
    [{ ...PRODUCTION, CAMS_ENDPOINT: 'ftp://a.com' }, 'CAMS_ENDPOINT'],
    [{ ...PRODUCTION, CAMS_ACCESS_KEY_ID: 'id' }, 'CAMS_ACCESS_KEY_SECRET'],
    [{ ...PRODUCTION, CAMS_SECURITY_TOKEN: 'token' }, 'CAMS_SECURITY_TOKEN'],
    [{ ...PRODUCTION, API_KEY_PEPPER: 'short' }, 'API_KEY_PEPPER'],
    [{ ...PRODUCTION, API_KEY_PEPPER: 'sandbox-pepper' }, 'API_KEY_PEPPER'],
    [{ ...PRODUCTION, TENANTS_FILE: '' }, 'TENANTS_FILE'],
    [{ STATE_REDIS_URL: 'localhost' }, 'STATE_REDIS_URL'],
    [{ STATE_DURABILITY: 'some' }, 'STATE_DURABILITY'],
    [{ AUDIT_REQUIRED: 'maybe' }, 'AUDIT_REQUIRED'],
    [{ AUDIT_REQUIRED: 'true' }, 'AUDIT_FILE'],
    [{ JWT_ISSUER: 'i', JWT_AUDIENCE: 'a' }, 'JWT_JWKS_URL'],
    [{ JWT_AUDIENCE: 'a', JWT_JWKS_URL: 'https://i.com/keys' }, 'JWT_ISSUER'],
    [{ JWT_ISSUER: 'i', JWT_AUDIENCE: 'a', JWT_JWKS_URL: 'http://i.com/keys' }, 'JWT_JWKS_URL'],
    [{ JWT_ISSUER: 'i', JWT_AUDIENCE: 'a', JWT_JWKS_FILE: '/does/not/exist' }, 'JWT_JWKS_FILE'],
  ])('are rejected by name: %j', (env, name) => {
    expect(faults(() => loadConfig(env)).map((fault) => fault.split(' ')[0])).toEqual([name]);
  });

  it('are rejected with every fault at once', () => {
    const wrong = { PORT: 'x', LOG_LEVEL: 'x', CORS_ORIGINS: 'x,y', SANDBOX_PORT: 'x', CAMS_QPS: '0' };
    const names = faults(() => loadConfig(wrong)).map((fault) => fault.split(' ')[0]);
    const expected = ['CAMS_QPS', 'CORS_ORIGINS', 'CORS_ORIGINS', 'LOG_LEVEL', 'PORT', 'SANDBOX_PORT'];
    expect(names).toHaveLength(expected.length);
    expect(names).toEqual(expect.arrayContaining(expected));
  });

  it('can be loaded for the sandbox only or the pepper only, without the rest', () => {
    expect(loadSandboxSettings({ SANDBOX_PORT: '1' })).toMatchObject({ port: 1, fallbackToFreePort: false });
    expect(faults(() => loadSandboxSettings({ SANDBOX_PORT: 'x' }))).toHaveLength(1);
    // Only the standalone sandbox may be reached from other machines.
    expect(loadSandboxSettings({ SANDBOX_HOST: '0.0.0.0' }).host).toBe('0.0.0.0');
    expect(loadConfig({ SANDBOX_HOST: '0.0.0.0' }).sandbox?.host).toBe('127.0.0.1');
    expect(
      loadPepper({ NODE_ENV: 'production', API_KEY_PEPPER: 'thirty-two characters or a few more' }),
    ).toBe('thirty-two characters or a few more');
    expect(faults(() => loadPepper({ NODE_ENV: 'production' }))).toHaveLength(1);
  });

  it.each([
    [
      {
        CAMS_ENDPOINT: 'http://127.0.0.1:3900',
        TENANTS_FILE: 'tenants.yaml',
        API_KEY_PEPPER: 'thirty-two characters or a few more',
      },
    ],
    [PRODUCTION],
  ])('allow no origin by default without the sandbox', (env) => {
    expect(loadConfig(env).http.corsOrigins).toEqual([]);
  });

  it.each([
    ['https://app.example.com/', 'https://app.example.com'],
    ['https://app.example.com/path?x', 'https://app.example.com'],
    ['https://App.example.com:443', 'https://app.example.com'],
  ])('name the corrected value of an origin with a path: %s', (origin, corrected) => {
    const [fault] = faults(() => loadConfig({ CORS_ORIGINS: `https://a.com,${origin}` }));
    expect(fault).toBe(
      `CORS_ORIGINS contains "${origin.replace('?x', '')}", which is not an exact origin such as https://app.example.com: write ${corrected}`,
    );
  });
});
