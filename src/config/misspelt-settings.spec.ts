import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { loadConfig, loadSandboxSettings } from './config.js';
import { EnvReader, type Environment } from './env-reader.js';
import { refuseMisspelt } from './misspelt-settings.js';
import { SECRET_NAMES, SETTING_NAMES } from './setting-names.js';

function check(env: Environment): { faults: readonly string[]; warnings: readonly string[] } {
  const read = new EnvReader(env);
  const warnings = refuseMisspelt(read);
  try {
    read.finish();
  } catch (error) {
    return { faults: (error as { faults: readonly string[] }).faults, warnings };
  }
  return { faults: [], warnings };
}

it('describes every setting in .env.example', () => {
  const described = readFileSync('.env.example', 'utf8').match(/^#[A-Z_]+(?==)/gm);
  expect(described?.map((name) => name.slice(1)).toSorted()).toEqual([...SETTING_NAMES].toSorted());
});

it('has the real defaults in .env.example', () => {
  const examples = [...readFileSync('.env.example', 'utf8').matchAll(/^#([A-Z_]+)=(.+)$/gm)];
  const differing = examples.flatMap(([, name = '', value = '']) =>
    Object.keys(loadConfig({ [name]: value }).changed),
  );
  // Required outside the sandbox.
  expect(differing).toEqual(['TENANTS_FILE']);
});

it('reads every setting', () => {
  const read = new Set<string>();
  const settings: Record<string, string> = {
    NODE_ENV: 'production',
    CAMS_ENDPOINT: 'http://127.0.0.1:1',
    JWT_ISSUER: 'i',
    JWT_AUDIENCE: 'a',
    JWT_JWKS_URL: 'https://issuer.example',
  };
  const env = new Proxy(settings, {
    get: (target, name: string) => {
      read.add(name);
      return target[name];
    },
  });
  for (const load of [loadConfig, loadSandboxSettings]) {
    try {
      load(env);
    } catch {
      // Required settings are missing.
    }
  }
  const unread = SETTING_NAMES.filter((name) => !read.has(name));
  expect(unread).toEqual([]);
});

it('accepts every setting, and every secret as a file', () => {
  const names = [...SETTING_NAMES, ...SECRET_NAMES.map((name) => `${name}_FILE`)];
  expect(check(Object.fromEntries(names.map((name) => [name, 'x'])))).toEqual({ faults: [], warnings: [] });
});

it.each([
  ['CACHE_FRESH', 'CACHE_FRESH_MS'],
  ['CACHE_FRESH_SECONDS', undefined],
  ['CACHE_SETTEL_MS', 'CACHE_SETTLE_MS'],
  ['CAMS_ACCESS_KEY', 'CAMS_ACCESS_KEY_ID'],
  ['CAMS_ACCES_KEY_SECRET', 'CAMS_ACCESS_KEY_SECRET'],
  ['CAMS_ACCESS_KEY_SECRET_FILES', 'CAMS_ACCESS_KEY_SECRET_FILE'],
  ['SANDBOX_PROT', 'SANDBOX_PORT'],
  ['JWT_ISSUERS', 'JWT_ISSUER'],
  ['TENANTS_FLE', 'TENANTS_FILE'],
  ['GRAPHQL_INTROSPECT', 'GRAPHQL_INTROSPECTION'],
  ['AUDIT_FILES', 'AUDIT_FILE'],
  ['STATE_REDIS', 'STATE_REDIS_URL'],
  ['COHERENCE_MODE', undefined],
  ['API_KEY_PEPPER_PREV', 'API_KEY_PEPPER_PREVIOUS'],
  ['CORS_ORIGIN', 'CORS_ORIGINS'],
  ['EVENTS_WATCH_MS', undefined],
  ['JWT_SECRET', undefined],
  ['CACHE_DIR', undefined],
])('refuses %s and suggests %s', (name, suggested) => {
  const { faults, warnings } = check({ [name]: 'x' });
  expect(warnings).toEqual([]);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatch(`${name} is not a setting of the gateway`);
  expect(faults[0]?.split(': did you mean ')[1]).toBe(suggested && `${suggested}?`);
});

it.each([
  ['PROT', 'PORT'],
  ['port', 'PORT'],
  ['LOGLEVEL', 'LOG_LEVEL'],
  ['REDIS_URI', 'REDIS_URL'],
  ['SINGEL_INSTANCE', 'SINGLE_INSTANCE'],
  ['TRUSTED_PROXY_', undefined],
  ['CAHCE_FRESH_MS', 'CACHE_FRESH_MS'],
])('warns of %s and suggests %s', (name, suggested) => {
  const warning = `${name} is not a setting of the gateway: did you mean ${suggested}?`;
  expect(check({ [name]: 'x' })).toEqual({ faults: [], warnings: suggested === undefined ? [] : [warning] });
});

it('accepts what other software sets', () => {
  const kubernetes = {
    REDIS_PORT: 'tcp://10.0.0.1:6379',
    REDIS_SERVICE_HOST: '10.0.0.1',
    REDIS_SERVICE_PORT: '6379',
    REDIS_SERVICE_PORT_HTTP: '6379',
    REDIS_PORT_6379_TCP_ADDR: '10.0.0.1',
    CAMS_SERVICE_HOST: '10.0.0.1',
    CACHE_PORT_6379_TCP: 'tcp://10.0.0.1:6379',
  };
  const others = {
    HOME: '/',
    PATH: '/bin',
    HOSTNAME: 'x',
    TERM: 'x',
    PWD: '/',
    http_proxy: 'x',
    HTTP_PROXY: 'x',
    NO_PROXY: 'x',
    OTEL_LOG_LEVEL: 'x',
    STATE_DIRECTORY: '/var/lib/gateway',
    CACHE_DIRECTORY: '/var/cache/gateway',
  };
  expect(check({ ...kubernetes, ...others })).toEqual({ faults: [], warnings: [] });
});

it('ignores empty variables', () => {
  expect(check({ CACHE_FRESH: '' })).toEqual({ faults: [], warnings: [] });
});

it('accepts the variables that the tenants file names', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-settings-'));
  const file = join(folder, 'tenants.yaml');
  writeFileSync(
    file,
    'accounts:\n  - credentials: { accessKeyIdEnv: CAMS_ISV2_ID, accessKeySecretEnv: "CAMS_ISV2_SECRET" }\n',
  );
  const env = { TENANTS_FILE: file, CAMS_ISV2_ID: 'x', CAMS_ISV2_SECRET: 'x' };
  expect(check(env).faults).toEqual([]);
  expect(check({ ...env, CAMS_ISV2: 'x' }).faults).toEqual([expect.stringContaining('CAMS_ISV2 is not')]);
  rmSync(folder, { recursive: true });
});
