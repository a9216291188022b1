import { isAddressOrRange, isOrigin } from './addresses.js';
import { readCredentials, readEndpoint } from './cams.js';
import { EnvReader, type Environment } from './env-reader.js';
import { refuseRenamed } from './renamed-settings.js';
import { readSandbox, SANDBOX_CREDENTIALS, SANDBOX_TENANTS_FILE } from './sandbox.js';
import { type CamsEndpoint, Config, LOG_LEVELS, type SandboxConfig } from './settings.js';
import { readStores } from './stores.js';
import { readJwt, readPepper } from './tenancy.js';

export type { RedisTarget } from './redis-target.js';
export { ConfigError } from './env-reader.js';
export { isLoopback, isLoopbackEndpoint } from './addresses.js';
export { SANDBOX_CREDENTIALS, SANDBOX_DEMO_KEY, SANDBOX_PEPPER } from './sandbox.js';
export {
  type AuditSettings,
  type CacheSettings,
  type CamsEndpoint,
  type CamsSettings,
  Config,
  type JwtSettings,
  LOG_LEVELS,
  type LogLevel,
  longestWriteMs,
  type SandboxConfig,
  type StateDurability,
  type StateSettings,
} from './settings.js';

// No page may outlive the 24 h for which a scope's generation is kept.
const MAX_PAGE_LIFE_MS = 43_200_000;

/** Reads all settings of the gateway. Throws {@link ConfigError} with every fault at once. */
export function loadConfig(env: Environment = process.env): Config {
  const read = new EnvReader(env);
  refuseRenamed(read);
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
    ...readStores(read, production),
    audit: readAudit(read),
    cache: {
      coherence: read.oneOf('COHERENCE', ['available', 'strict'] as const, 'available'),
      freshMs: read.integer('CACHE_FRESH_MS', 15_000, 0, MAX_PAGE_LIFE_MS),
      staleWhileRevalidateMs: read.integer('CACHE_STALE_WHILE_REVALIDATE_MS', 60_000, 0, MAX_PAGE_LIFE_MS),
      staleIfErrorMs: read.integer('CACHE_STALE_IF_ERROR_MS', 600_000, 0, MAX_PAGE_LIFE_MS),
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
  read.finish();
  return Object.freeze(Object.assign(new Config(), config));
}

function readAudit(read: EnvReader): Config['audit'] {
  const file = read.text('AUDIT_FILE') ?? null;
  const required = read.flag('AUDIT_REQUIRED', false);
  // Nobody confirms that a line on standard output was kept.
  if (required && file === null) read.fault('AUDIT_FILE', 'is required with AUDIT_REQUIRED=true');
  return { file, required };
}

/** Reads the settings of a sandbox that runs alone. Throws {@link ConfigError} with every fault at once. */
export function loadSandboxSettings(env: Environment = process.env): SandboxConfig {
  const read = new EnvReader(env);
  const settings = readSandbox(read);
  read.finish();
  return settings;
}

/** Reads the pepper alone, for making API keys. Throws {@link ConfigError}. */
export function loadPepper(env: Environment = process.env): string {
  const read = new EnvReader(env);
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

function readManagement(read: EnvReader): Config['management'] {
  const host = read.text('MANAGEMENT_HOST') ?? '127.0.0.1';
  const port = read.integer('MANAGEMENT_PORT', 3001, 0, 65_535);
  return port === 0 ? null : { host, port };
}
