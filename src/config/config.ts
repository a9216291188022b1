import { readAudit } from './audit.js';
import { readCache } from './cache.js';
import { type CamsEndpoint, readCams } from './cams.js';
import { readCreates } from './creates.js';
import { EnvReader, type Environment } from './env-reader.js';
import { readGraphql } from './graphql.js';
import { readHttp, readManagement, refuseSharedPort } from './http.js';
import { readLogFormat, readLogLevel } from './log.js';
import { readTenantLabel } from './metrics.js';
import { refuseMisspelt } from './misspelt-settings.js';
import { readPepperOfKeys } from './pepper.js';
import { readPictures } from './pictures.js';
import { refuseRenamed } from './renamed-settings.js';
import { readSandbox, readSandboxOfGateway, type SandboxConfig, usesSandbox } from './sandbox.js';
import { Config } from './settings.js';
import { readStores } from './stores.js';
import { readTenancy } from './tenancy.js';
import { readTraces } from './traces.js';

export { ConfigError } from './env-reader.js';
export { isLoopback } from './addresses.js';
export type { AuditSettings } from './audit.js';
export type { CacheSettings } from './cache.js';
export { type CamsEndpoint, type CamsSettings, longestWriteMs } from './cams.js';
export type { LogFormat, LogLevel } from './log.js';
export type { OutboundProxy } from './proxy.js';
export type { RedisCredentials, RedisTarget } from './redis-target.js';
export { SANDBOX_CREDENTIALS, SANDBOX_DEMO_KEY, SANDBOX_PEPPER, type SandboxConfig } from './sandbox.js';
export type { SecretName } from './setting-names.js';
export { Config } from './settings.js';
export type { StateDurability, StateSettings } from './stores.js';
export type { JwtSettings } from './tenancy.js';
export type { TraceSettings } from './traces.js';

/** Reads all settings of the gateway. Throws {@link ConfigError} with every fault at once. */
export function loadConfig(env: Environment = process.env, { checkNames = true } = {}): Config {
  const read = new EnvReader(env);
  refuseRenamed(read);
  // Variables cannot be removed from a running process, whatever the tenants file stops naming.
  const warnings = checkNames ? refuseMisspelt(read) : [];
  read.refuseUnknownMode();
  read.refuseUnverifiedTls();
  const config: Omit<Config, 'changed'> = {
    production: read.production,
    http: readHttp(read),
    management: readManagement(read),
    cams: readCams(read),
    ...readStores(read),
    audit: readAudit(read),
    cache: readCache(read),
    creates: readCreates(read),
    pictures: readPictures(read),
    sandbox: usesSandbox(read) ? readSandboxOfGateway(read) : null,
    tenancy: readTenancy(read),
    graphql: readGraphql(read),
    fastPath: read.oneOf('FAST_PATH', ['on', 'off'] as const, 'on') === 'on',
    logLevel: readLogLevel(read),
    logFormat: readLogFormat(read),
    labelsTenant: readTenantLabel(read),
    traces: readTraces(read),
    warnings,
    // Not `env[name]`, which would return inherited members such as `constructor`.
    secret: (name) => (Object.hasOwn(env, name) ? env[name] : undefined),
    reread: () => loadConfig(env, { checkNames: false }),
  };
  refuseSharedPort(read, config.http, config.management);
  read.finish();
  return Object.freeze(Object.assign(new Config(), config, { changed: read.changed }));
}

/** Reads the settings of a standalone sandbox. Throws {@link ConfigError} with every fault at once. */
export function loadSandboxSettings(env: Environment = process.env): SandboxConfig {
  const read = new EnvReader(env);
  refuseMisspelt(read);
  const settings = readSandbox(read);
  read.finish();
  return settings;
}

/** Reads only the pepper, for generating API keys. Throws {@link ConfigError}. */
export function loadPepper(env: Environment = process.env): string {
  const read = new EnvReader(env);
  refuseMisspelt(read);
  const pepper = readPepperOfKeys(read);
  read.finish();
  return pepper;
}

/** Returns a line for the operator if the rules of production apply although NODE_ENV does not ask for them. */
export function whyProduction(env: Environment = process.env): readonly string[] {
  if (env['NODE_ENV'] === 'production' || !new EnvReader(env).production) return [];
  return ['The rules of production apply because CAMS_ENDPOINT is on another machine.'];
}

/** Returns the process ID of npm if the launcher found that npm started it. */
export function npmProcessId(env: Environment = process.env): number | undefined {
  const id = Number(env['GATEWAY_NPM_PID']);
  return Number.isInteger(id) && id > 0 ? id : undefined;
}

/** Returns the settings with CAMS at the actual address of the sandbox in this process. */
export function withSandboxAt(config: Config, url: string): Config {
  const endpoint: CamsEndpoint = { protocol: 'HTTP', host: new URL(url).host };
  return Object.freeze(Object.assign(new Config(), config, { cams: { ...config.cams, endpoint } }));
}
