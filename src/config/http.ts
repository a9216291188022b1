import { isOrigin, originIn } from './addresses.js';
import type { EnvReader } from './env-reader.js';
import { usesSandbox } from './sandbox.js';
import { readTrustedProxies } from './trusted-proxies.js';

/** Settings of the public listener. */
export interface HttpSettings {
  readonly host: string;
  readonly port: number;
  /** Further connections to the public listener are closed at once. */
  readonly maxConnections: number;
  /** Addresses and CIDR ranges of proxies whose `X-Forwarded-For` is trusted. */
  readonly trustProxy: readonly string[];
  /** Exact origins of browsers that may call the API, or `loopback` for any origin on this machine. */
  readonly corsOrigins: readonly string[] | 'loopback';
  readonly requestBudgetMs: number;
  /** How long requests are still accepted after SIGTERM, so that load balancers can notice. */
  readonly shutdownDelayMs: number;
  /** Mean delay of the event loop above which expensive work is refused; 0 never refuses any. */
  readonly maxEventLoopDelayMs: number;
}

/** Settings of the listener for health and metrics. */
export interface ManagementSettings {
  readonly host: string;
  readonly port: number;
}

/** By default, pages of any local development server may call a gateway that runs with the sandbox. */
function readCorsOrigins(read: EnvReader): HttpSettings['corsOrigins'] {
  if (read.text('CORS_ORIGINS') === undefined) return usesSandbox(read) ? 'loopback' : [];
  const what = 'an exact origin such as https://app.example.com';
  return read.list('CORS_ORIGINS', isOrigin, what, originIn);
}

export function readHttp(read: EnvReader): HttpSettings {
  return {
    host: read.text('HOST', '127.0.0.1'),
    port: read.integer('PORT', 3000, 0, 65_535),
    maxConnections: read.integer('MAX_CONNECTIONS', 10_000, 1, 1_000_000),
    trustProxy: readTrustedProxies(read),
    corsOrigins: readCorsOrigins(read),
    requestBudgetMs: read.integer('REQUEST_BUDGET_MS', 20_000, 1_000, 300_000),
    shutdownDelayMs: read.integer('SHUTDOWN_DELAY_MS', read.production ? 3_000 : 0, 0, 60_000),
    maxEventLoopDelayMs: read.integer('MAX_EVENT_LOOP_DELAY_MS', 100, 0, 60_000),
  };
}

/** Refuses two listeners on one port. */
export function refuseSharedPort(
  read: EnvReader,
  { port }: HttpSettings,
  management: ManagementSettings | null,
): void {
  if (port !== 0 && port === management?.port)
    read.fault('MANAGEMENT_PORT', `must not be ${port}, which is the PORT of the public listener`);
}

/** Returns `null` if the management listener is disabled. */
export function readManagement(read: EnvReader): ManagementSettings | null {
  const host = read.text('MANAGEMENT_HOST', '127.0.0.1');
  const port = read.integer('MANAGEMENT_PORT', 3001, 0, 65_535);
  return port === 0 ? null : { host, port };
}
