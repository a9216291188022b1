import { isIPv4 } from 'node:net';
import type { EnvReader } from './env-reader.js';

/** Credentials, pepper and tenants of the sandbox are public and never apply outside it. */
export const SANDBOX_DEMO_KEY = `cgk_acme.${'A'.repeat(43)}`;
export const SANDBOX_ENDPOINT = { protocol: 'HTTP', host: '127.0.0.1:3900' } as const;
export const SANDBOX_CREDENTIALS = { accessKeyId: 'sandbox', accessKeySecret: 'sandbox-secret' } as const;
export const SANDBOX_PEPPER = 'sandbox-pepper';
export const SANDBOX_TENANTS_FILE = 'config/tenants.sandbox.yaml';

/** How the built-in CAMS sandbox listens and behaves. */
export interface SandboxConfig {
  readonly host: string;
  readonly port: number;
  /** Whether to pick a free port if `port` is in use. */
  readonly fallbackToFreePort: boolean;
  readonly unlistedMs: number;
  readonly creatingMs: number;
  readonly listLagMs: number;
  /** Calls per second before it throttles. `null` disables throttling. */
  readonly qps: number | null;
}

/** Whether the gateway uses the sandbox in this process: outside production if no other endpoint is set. */
export function usesSandbox(read: EnvReader): boolean {
  return read.text('CAMS_ENDPOINT') === undefined && !read.production;
}

/** Reads the settings of the sandbox in the process of a gateway, which only that gateway and its developer use. */
export function readSandboxOfGateway(read: EnvReader): SandboxConfig {
  const fallbackToFreePort = read.text('SANDBOX_PORT') === undefined;
  return { ...readSandbox(read), host: '127.0.0.1', fallbackToFreePort };
}

function readHost(read: EnvReader): string {
  const host = read.text('SANDBOX_HOST', '127.0.0.1');
  if (!isIPv4(host)) read.fault('SANDBOX_HOST', 'must be an IPv4 address, such as 0.0.0.0 in a container');
  return host;
}

/** Reads the settings of a standalone sandbox, which does not fall back to another port. */
export function readSandbox(read: EnvReader): SandboxConfig {
  return {
    host: readHost(read),
    port: read.integer('SANDBOX_PORT', 3900, 0, 65_535),
    fallbackToFreePort: false,
    unlistedMs: read.integer('SANDBOX_UNLISTED_MS', 0, 0, 86_400_000),
    creatingMs: read.integer('SANDBOX_CREATING_MS', 0, 0, 86_400_000),
    listLagMs: read.integer('SANDBOX_LIST_LAG_MS', 0, 0, 86_400_000),
    qps: read.text('SANDBOX_QPS') === undefined ? null : read.integer('SANDBOX_QPS', 50, 1, 1_000_000),
  };
}
