import { isLoopback, parseEndpoint } from './addresses.js';
import type { EnvReader } from './env-reader.js';
import { type OutboundProxy, readProxy } from './proxy.js';
import { SANDBOX_CREDENTIALS, SANDBOX_ENDPOINT, usesSandbox } from './sandbox.js';

export interface CamsEndpoint {
  readonly protocol: 'HTTP' | 'HTTPS';
  /** `host[:port]` */
  readonly host: string;
}

/** Connection to CAMS. If the credentials are `null`, the vendor's default chain is used. */
export interface CamsSettings {
  readonly endpoint: CamsEndpoint;
  /** `null` for a direct connection. */
  readonly proxy: OutboundProxy | null;
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

/** IDs of Alibaba Cloud, permanent and temporary. */
const REAL_KEY_ID = /^(?:LTAI|STS\.)/;

/** Returns how long after it was sent a write without a response may still be applied, in ms. */
export function longestWriteMs({ timeoutMs, lateApplyMs }: CamsSettings): number {
  return timeoutMs + lateApplyMs;
}

export function readCams(read: EnvReader): CamsSettings {
  const withSandbox = usesSandbox(read);
  const region = read.matching(
    'CAMS_REGION',
    /^[a-z]{2}-[a-z0-9-]+$/,
    'a region such as ap-southeast-1',
    'ap-southeast-1',
  );
  if (withSandbox) refuseRealCredentials(read);
  const endpoint = withSandbox ? SANDBOX_ENDPOINT : readEndpoint(read, region);
  const proxy = readProxy(read, new URL(`${endpoint.protocol}://${endpoint.host}`), 'CAMS_PROXY');
  return {
    endpoint,
    // The sandbox is in this process.
    proxy: withSandbox ? null : proxy,
    region,
    credentials: withSandbox ? SANDBOX_CREDENTIALS : readCredentials(read),
    timeoutMs: read.integer('CAMS_TIMEOUT_MS', 8_000, 50, 120_000),
    lateApplyMs: read.integer('CAMS_LATE_APPLY_MS', 22_000, 0, 600_000),
    pageSize: read.integer('CAMS_PAGE_SIZE', 100, 1, 1_000),
    maxUrlBytes: read.integer('CAMS_MAX_URL_BYTES', 32_768, 1_024, 1_048_576),
    maxConcurrency: read.integer('CAMS_MAX_CONCURRENCY', 64, 1, 1_000),
    qps: read.integer('CAMS_QPS', 50, 1, 10_000),
  };
}

/** The sandbox would accept every write and execute none of them. */
function refuseRealCredentials(read: EnvReader): void {
  if (REAL_KEY_ID.test(read.text('CAMS_ACCESS_KEY_ID', '')))
    read.fault(
      'CAMS_ACCESS_KEY_ID',
      'belongs to Alibaba Cloud, but the built-in sandbox would be used: set NODE_ENV=production or CAMS_ENDPOINT, or remove it',
    );
}

/** Returns the CAMS endpoint. It must use TLS unless it is on this machine. */
function readEndpoint(read: EnvReader, region: string): CamsEndpoint {
  const text = read.text('CAMS_ENDPOINT') ?? `cams.${region}.aliyuncs.com`;
  const url = parseEndpoint(text);
  const bare = url && url.pathname === '/' && !url.search && !url.hash && !url.username && !url.password;
  if (!bare || !['http:', 'https:'].includes(url.protocol)) {
    read.fault('CAMS_ENDPOINT', 'must be host[:port] or an http(s) URL without a path');
    return { protocol: 'HTTPS', host: 'invalid' };
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    read.fault(
      'CAMS_ENDPOINT',
      'may use http: only for loopback addresses, because requests are signed but not encrypted',
    );
  }
  return { protocol: url.protocol === 'http:' ? 'HTTP' : 'HTTPS', host: url.host };
}

/** Returns the credentials of account `default`, or `null` for the vendor's default chain. */
function readCredentials(read: EnvReader): CamsSettings['credentials'] {
  const accessKeyId = read.text('CAMS_ACCESS_KEY_ID');
  const accessKeySecret = read.text('CAMS_ACCESS_KEY_SECRET');
  const securityToken = read.text('CAMS_SECURITY_TOKEN');
  if (accessKeyId === undefined && accessKeySecret === undefined) {
    if (securityToken !== undefined)
      read.fault('CAMS_SECURITY_TOKEN', 'requires CAMS_ACCESS_KEY_ID and CAMS_ACCESS_KEY_SECRET');
    return null;
  }
  return {
    accessKeyId: accessKeyId ?? read.missing('CAMS_ACCESS_KEY_ID'),
    accessKeySecret: accessKeySecret ?? read.missing('CAMS_ACCESS_KEY_SECRET'),
    ...(securityToken !== undefined && { securityToken }),
  };
}
