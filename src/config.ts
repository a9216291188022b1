import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { parseRedisTarget, type RedisTarget } from './config-redis.js';

export type { RedisTarget };

/** Settings that cannot be used; `faults` names every one of them. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly faults: readonly string[]) {
    super(`Settings are not valid:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
  }
}

/** How the built-in CAMS sandbox listens and behaves. */
export interface SandboxSettings {
  readonly host: string;
  readonly port: number;
  /** Take a free port where `port` is in use. */
  readonly fallbackToFreePort: boolean;
  readonly unlistedMs: number;
  readonly creatingMs: number;
  readonly listLagMs: number;
  /** Calls a second before it throttles; `null`: never. */
  readonly qps: number | null;
}

export interface JwtSettings {
  readonly issuer: string;
  readonly audience: string;
  readonly jwks: { readonly url: string } | { readonly file: string };
  readonly tenantClaim: string;
}

/** Address of CAMS; `null` credentials: the vendor's default chain. */
export interface CamsSettings {
  readonly endpoint: CamsEndpoint;
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly accessKeySecret: string;
    readonly securityToken?: string;
  } | null;
  readonly timeoutMs: number;
  readonly lateApplyMs: number;
  readonly pageSize: number;
  readonly maxUrlBytes: number;
  readonly maxConcurrency: number;
  readonly qps: number;
}

/** The coherent page cache; ages in ms since the page was listed upstream. */
export interface CacheSettings {
  /** Whether a write goes on when the cache cannot be told of it, or is refused. */
  readonly coherence: 'available' | 'strict';
  readonly freshMs: number;
  readonly staleMs: number;
  readonly errorMs: number;
  /** For how long after a write nothing is stored. */
  readonly settleMs: number;
}

export interface CamsEndpoint {
  readonly protocol: 'HTTP' | 'HTTPS';
  /** `host[:port]` */
  readonly host: string;
}

/** All settings, checked and frozen; a class so that it names itself to dependency injection. */
export class Config {
  declare readonly production: boolean;
  declare readonly http: {
    readonly host: string;
    readonly port: number;
    readonly trustProxy: readonly string[];
    readonly corsOrigins: readonly string[];
    readonly requestBudgetMs: number;
  };
  /** `null`: no management listener. */
  declare readonly management: { readonly host: string; readonly port: number } | null;
  declare readonly cams: CamsSettings;
  /** `null`: the cache lives in this process. */
  declare readonly redis: RedisTarget | null;
  declare readonly cache: CacheSettings;
  declare readonly creates: { readonly resolveTimeoutMs: number; readonly operationWindowMs: number };
  /** `null`: CAMS is elsewhere. */
  declare readonly sandbox: SandboxSettings | null;
  declare readonly tenancy: {
    readonly file: string;
    readonly pepper: string;
    readonly jwt: JwtSettings | null;
  };
  declare readonly graphql: { readonly introspection: boolean; readonly ide: boolean };
  declare readonly logLevel: LogLevel;
  /** Reads a secret that the tenants file names by its environment variable. */
  declare readonly secret: (name: string) => string | undefined;
}

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

type Environment = Readonly<Record<string, string | undefined>>;

/** Credentials, pepper and tenants of the sandbox are public; they never apply outside it. */
export const SANDBOX_DEMO_KEY = `cgk_acme.${'A'.repeat(43)}`;
export const SANDBOX_CREDENTIALS = { accessKeyId: 'sandbox', accessKeySecret: 'sandbox-secret' } as const;
export const SANDBOX_PEPPER = 'sandbox-pepper';
const SANDBOX_TENANTS_FILE = 'config/tenants.sandbox.yaml';

// No page may outlive the 24 h for which a scope's generation is kept.
const MAX_PAGE_LIFE_MS = 43_200_000;

/** Reads all settings of the gateway. Throws {@link ConfigError} with every fault at once. */
export function loadConfig(env: Environment = process.env): Config {
  const read = new Reader(env);
  const production = env['NODE_ENV'] === 'production';
  const endpointText = read.text('CAMS_ENDPOINT');
  const region = read.matching(
    'CAMS_REGION',
    /^[a-z]{2}-[a-z0-9-]+$/,
    'a region such as ap-southeast-1',
    'ap-southeast-1',
  );
  const withSandbox = endpointText === undefined && !production;

  const config: Config = {
    production,
    http: {
      host: read.text('HOST') ?? '127.0.0.1',
      port: read.integer('PORT', 3000, 0, 65_535),
      trustProxy: read.list('TRUST_PROXY', isAddressOrRange, 'an IP address or CIDR range'),
      corsOrigins: read.list('CORS_ORIGINS', isOrigin, 'an exact origin such as https://app.example.com'),
      requestBudgetMs: read.integer('REQUEST_BUDGET_MS', 20_000, 1_000, 300_000),
    },
    management: readManagement(read),
    cams: {
      endpoint: withSandbox
        ? { protocol: 'HTTP', host: '127.0.0.1:3900' }
        : readEndpoint(read, endpointText ?? `cams.${region}.aliyuncs.com`),
      region,
      credentials: withSandbox ? SANDBOX_CREDENTIALS : readCredentials(read),
      timeoutMs: read.integer('CAMS_TIMEOUT_MS', 8_000, 50, 120_000),
      lateApplyMs: read.integer('CAMS_LATE_APPLY_MS', 22_000, 0, 600_000),
      pageSize: read.integer('CAMS_PAGE_SIZE', 100, 1, 1_000),
      maxUrlBytes: read.integer('CAMS_MAX_URL_BYTES', 32_768, 1_024, 1_048_576),
      maxConcurrency: read.integer('CAMS_MAX_CONCURRENCY', 64, 1, 1_000),
      qps: read.integer('CAMS_QPS', 50, 1, 10_000),
    },
    redis: readRedis(read),
    cache: {
      coherence: read.oneOf('COHERENCE', ['available', 'strict'] as const, 'available'),
      freshMs: read.integer('CACHE_FRESH_MS', 15_000, 0, MAX_PAGE_LIFE_MS),
      staleMs: read.integer('CACHE_STALE_MS', 60_000, 0, MAX_PAGE_LIFE_MS),
      errorMs: read.integer('CACHE_ERROR_MS', 600_000, 0, MAX_PAGE_LIFE_MS),
      settleMs: read.integer('CACHE_SETTLE_MS', 5_000, 0, 600_000),
    },
    creates: {
      resolveTimeoutMs: read.integer('CREATE_RESOLVE_TIMEOUT_MS', 5_000, 0, 60_000),
      operationWindowMs: read.integer('OPERATION_WINDOW_MS', 600_000, 1_000, 86_400_000),
    },
    sandbox: withSandbox ? { ...readSandbox(read), fallbackToFreePort: true } : null,
    tenancy: {
      file: read.text('TENANTS_FILE') ?? (withSandbox ? SANDBOX_TENANTS_FILE : read.missing('TENANTS_FILE')),
      pepper: readPepper(read, withSandbox),
      jwt: readJwt(read),
    },
    graphql: {
      introspection: read.flag('GRAPHQL_INTROSPECTION', !production),
      ide: read.flag('GRAPHQL_IDE', !production),
    },
    logLevel: read.oneOf('LOG_LEVEL', LOG_LEVELS, 'info'),
    secret: (name) => env[name],
  };
  if (production && !read.flag('SINGLE_INSTANCE', false)) {
    read.fault('SINGLE_INSTANCE', 'must be true in production: locks and operations live in this process');
  }
  read.finish();
  return Object.freeze(Object.assign(new Config(), config));
}

/** Reads the settings of a sandbox that runs alone. Throws {@link ConfigError} with every fault at once. */
export function loadSandboxSettings(env: Environment = process.env): SandboxSettings {
  const read = new Reader(env);
  const settings = readSandbox(read);
  read.finish();
  return settings;
}

/** Reads the pepper alone, for making API keys. Throws {@link ConfigError}. */
export function loadPepper(env: Environment = process.env): string {
  const read = new Reader(env);
  const withSandbox = read.text('CAMS_ENDPOINT') === undefined && env['NODE_ENV'] !== 'production';
  const pepper = readPepper(read, withSandbox);
  read.finish();
  return pepper;
}

/** The same settings, with CAMS at the address that the sandbox in this process got. */
export function withSandboxAt(config: Config, url: string): Config {
  const endpoint: CamsEndpoint = { protocol: 'HTTP', host: new URL(url).host };
  return Object.freeze(Object.assign(new Config(), config, { cams: { ...config.cams, endpoint } }));
}

function readManagement(read: Reader): Config['management'] {
  const host = read.text('MANAGEMENT_HOST') ?? '127.0.0.1';
  const port = read.integer('MANAGEMENT_PORT', 3001, 0, 65_535);
  return port === 0 ? null : { host, port };
}

function readSandbox(read: Reader): SandboxSettings {
  return {
    host: '127.0.0.1',
    port: read.integer('SANDBOX_PORT', 3900, 0, 65_535),
    fallbackToFreePort: false,
    unlistedMs: read.integer('SANDBOX_UNLISTED_MS', 0, 0, 86_400_000),
    creatingMs: read.integer('SANDBOX_CREATING_MS', 0, 0, 86_400_000),
    listLagMs: read.integer('SANDBOX_LIST_LAG_MS', 0, 0, 86_400_000),
    qps: read.text('SANDBOX_QPS') === undefined ? null : read.integer('SANDBOX_QPS', 50, 1, 1_000_000),
  };
}

function readEndpoint(read: Reader, text: string): CamsEndpoint {
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

function readRedis(read: Reader): RedisTarget | null {
  const text = read.text('REDIS_URL');
  if (text === undefined) return null;
  const target = parseRedisTarget(text);
  if (!('fault' in target)) return target;
  read.fault('REDIS_URL', target.fault);
  return null;
}

function readCredentials(read: Reader): CamsSettings['credentials'] {
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

function readPepper(read: Reader, withSandbox: boolean): string {
  const pepper = read.text('API_KEY_PEPPER');
  if (pepper === undefined) return withSandbox ? SANDBOX_PEPPER : read.missing('API_KEY_PEPPER');
  // A sandbox that runs alone is as harmless as the one in this process; nobody gets its keys without asking.
  const harmless = withSandbox || isLoopbackEndpoint(read.text('CAMS_ENDPOINT'));
  if (!harmless && (pepper === SANDBOX_PEPPER || pepper.length < 16)) {
    read.fault('API_KEY_PEPPER', 'must be at least 16 characters, and not the one of the sandbox');
  }
  return pepper;
}

function readJwt(read: Reader): JwtSettings | null {
  const issuer = read.text('JWT_ISSUER');
  const audience = read.text('JWT_AUDIENCE');
  const url = read.text('JWT_JWKS_URL');
  const file = read.text('JWT_JWKS_FILE');
  const tenantClaim = read.text('JWT_TENANT_CLAIM') ?? 'tenant';
  if ([issuer, audience, url, file].every((value) => value === undefined)) return null;
  if ((url === undefined) === (file === undefined)) {
    read.fault('JWT_JWKS_URL', 'or JWT_JWKS_FILE is needed for tokens, and not both');
  }
  const parsed = url === undefined ? undefined : URL.parse(url);
  if (
    parsed !== undefined &&
    !(parsed?.protocol === 'https:' || (parsed?.protocol === 'http:' && isLoopback(parsed.hostname)))
  ) {
    read.fault('JWT_JWKS_URL', 'must be an https: URL (http: only toward loopback)');
  }
  if (file !== undefined) {
    try {
      readFileSync(file);
    } catch {
      // The reason (missing, directory, no right to read) does not change what the operator must do.
      read.fault('JWT_JWKS_FILE', 'cannot be read');
    }
  }
  return {
    issuer: issuer ?? read.missing('JWT_ISSUER'),
    audience: audience ?? read.missing('JWT_AUDIENCE'),
    jwks: url === undefined ? { file: file ?? '' } : { url },
    tenantClaim,
  };
}

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

function isAddressOrRange(text: string): boolean {
  return isIP(text) !== 0 || ipaddr.isValidCIDR(text);
}

function isOrigin(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && ['http:', 'https:'].includes(url.protocol) && url.origin === text;
}

/** Reads one variable at a time and remembers what was wrong. An empty variable counts as unset. */
class Reader {
  readonly #faults: string[] = [];

  constructor(private readonly env: Environment) {}

  fault(name: string, problem: string): void {
    this.#faults.push(`${name} ${problem}`);
  }

  finish(): void {
    if (this.#faults.length > 0) throw new ConfigError(this.#faults);
  }

  text(name: string): string | undefined {
    const value = this.env[name]?.trim();
    return value === '' ? undefined : value;
  }

  missing(name: string): string {
    this.fault(name, 'is required');
    return '';
  }

  integer(name: string, fallback: number, min: number, max: number): number {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    this.fault(name, `must be a whole number from ${min} to ${max}`);
    return fallback;
  }

  flag(name: string, fallback: boolean): boolean {
    return (
      this.oneOf(name, ['true', 'false', 'on', 'off', '1', '0'] as const, undefined, (text) =>
        ['true', 'on', '1'].includes(text),
      ) ?? fallback
    );
  }

  oneOf<T extends string>(name: string, values: readonly T[], fallback: T): T;
  oneOf<T extends string, R>(
    name: string,
    values: readonly T[],
    fallback: undefined,
    map: (text: T) => R,
  ): R | undefined;
  oneOf<T extends string>(
    name: string,
    values: readonly T[],
    fallback: unknown,
    map: (text: T) => unknown = (text) => text,
  ): unknown {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const value = values.find((candidate) => candidate === text.toLowerCase());
    if (value !== undefined) return map(value);
    this.fault(name, `must be one of ${values.join(', ')}`);
    return fallback;
  }

  matching(name: string, pattern: RegExp, what: string, fallback: string): string {
    const text = this.text(name) ?? fallback;
    if (!pattern.test(text)) this.fault(name, `must be ${what}`);
    return text;
  }

  list(name: string, valid: (item: string) => boolean, what: string): readonly string[] {
    const items = (this.text(name) ?? '')
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
    for (const item of items) if (!valid(item)) this.fault(name, `holds "${item}", which is not ${what}`);
    return items;
  }
}
