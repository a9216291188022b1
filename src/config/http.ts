import { isAddressOrRange, isOrigin } from './addresses.js';
import type { EnvReader } from './env-reader.js';

/** Settings of the public listener. */
export interface HttpSettings {
  readonly host: string;
  readonly port: number;
  /** Addresses and CIDR ranges of proxies whose `X-Forwarded-For` is trusted. */
  readonly trustProxy: readonly string[];
  /** Exact origins of browsers that may call the API. */
  readonly corsOrigins: readonly string[];
  readonly requestBudgetMs: number;
}

/** Settings of the listener for health and metrics. */
export interface ManagementSettings {
  readonly host: string;
  readonly port: number;
}

export function readHttp(read: EnvReader): HttpSettings {
  return {
    host: read.text('HOST') ?? '127.0.0.1',
    port: read.integer('PORT', 3000, 0, 65_535),
    trustProxy: read.list('TRUST_PROXY', isAddressOrRange, 'an IP address or CIDR range'),
    corsOrigins: read.list('CORS_ORIGINS', isOrigin, 'an exact origin such as https://app.example.com'),
    requestBudgetMs: read.integer('REQUEST_BUDGET_MS', 20_000, 1_000, 300_000),
  };
}

/** Returns `null` if the management listener is disabled. */
export function readManagement(read: EnvReader): ManagementSettings | null {
  const host = read.text('MANAGEMENT_HOST') ?? '127.0.0.1';
  const port = read.integer('MANAGEMENT_PORT', 3001, 0, 65_535);
  return port === 0 ? null : { host, port };
}
