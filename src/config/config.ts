import { readAudit } from './audit.js';
import { readCache } from './cache.js';
import { type CamsEndpoint, readCams } from './cams.js';
import { readCreates } from './creates.js';
import { EnvReader, type Environment } from './env-reader.js';
import { readGraphql } from './graphql.js';
import { readHttp, readManagement } from './http.js';
import { readLogLevel } from './log-level.js';
import { refuseRenamed } from './renamed-settings.js';
import { readSandbox, type SandboxConfig, usesSandbox } from './sandbox.js';
import { Config } from './settings.js';
import { readStores } from './stores.js';
import { readPepper, readTenancy } from './tenancy.js';

export { ConfigError } from './env-reader.js';
export { isLoopback, isLoopbackEndpoint } from './addresses.js';
export type { AuditSettings } from './audit.js';
export type { CacheSettings } from './cache.js';
export { type CamsEndpoint, type CamsSettings, longestWriteMs } from './cams.js';
export type { LogLevel } from './log-level.js';
export type { RedisTarget } from './redis-target.js';
export { SANDBOX_CREDENTIALS, SANDBOX_DEMO_KEY, SANDBOX_PEPPER, type SandboxConfig } from './sandbox.js';
export { Config } from './settings.js';
export type { StateDurability, StateSettings } from './stores.js';
export type { JwtSettings } from './tenancy.js';

/** Reads all settings of the gateway. Throws {@link ConfigError} with every fault at once. */
export function loadConfig(env: Environment = process.env): Config {
  const read = new EnvReader(env);
  refuseRenamed(read);
  const config: Config = {
    production: read.production,
    http: readHttp(read),
    management: readManagement(read),
    cams: readCams(read),
    ...readStores(read),
    audit: readAudit(read),
    cache: readCache(read),
    creates: readCreates(read),
    sandbox: usesSandbox(read) ? { ...readSandbox(read), fallbackToFreePort: true } : null,
    tenancy: readTenancy(read),
    graphql: readGraphql(read),
    fastPath: read.oneOf('FAST_PATH', ['on', 'off'] as const, 'on') === 'on',
    logLevel: readLogLevel(read),
    secret: (name) => env[name],
  };
  read.finish();
  return Object.freeze(Object.assign(new Config(), config));
}

/** Reads the settings of a standalone sandbox. Throws {@link ConfigError} with every fault at once. */
export function loadSandboxSettings(env: Environment = process.env): SandboxConfig {
  const read = new EnvReader(env);
  const settings = readSandbox(read);
  read.finish();
  return settings;
}

/** Reads only the pepper, for generating API keys. Throws {@link ConfigError}. */
export function loadPepper(env: Environment = process.env): string {
  const read = new EnvReader(env);
  const pepper = readPepper(read);
  read.finish();
  return pepper;
}

/** Returns the settings with CAMS at the actual address of the sandbox in this process. */
export function withSandboxAt(config: Config, url: string): Config {
  const endpoint: CamsEndpoint = { protocol: 'HTTP', host: new URL(url).host };
  return Object.freeze(Object.assign(new Config(), config, { cams: { ...config.cams, endpoint } }));
}
