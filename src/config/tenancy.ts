import { readFailure, readTextFile } from '../util/read-text-file.js';
import { isLoopback } from './addresses.js';
import type { EnvReader } from './env-reader.js';
import { readPepper, readPreviousPepper } from './pepper.js';
import { type OutboundProxy, readProxy } from './proxy.js';
import { SANDBOX_TENANTS_FILE, usesSandbox } from './sandbox.js';

/** Enough for tens of thousands of tenants. */
export const MAX_TENANTS_FILE_BYTES = 64 * 1024 * 1024;
const MAX_KEY_SET_BYTES = 1024 * 1024;

export interface JwtSettings {
  readonly issuer: string;
  readonly audience: string;
  readonly jwks:
    | {
        readonly url: string;
        /** `null` for a direct connection. */
        readonly proxy: OutboundProxy | null;
      }
    | { readonly file: string };
  readonly tenantClaim: string;
}

export interface TenancySettings {
  readonly file: string;
  readonly pepper: string;
  /** The pepper of older digests, which are still valid during a rotation. */
  readonly previousPepper: string | null;
  /** `null` if tokens are not accepted. */
  readonly jwt: JwtSettings | null;
}

export function readTenancy(read: EnvReader): TenancySettings {
  const withSandbox = usesSandbox(read);
  return {
    file: read.text('TENANTS_FILE') ?? (withSandbox ? SANDBOX_TENANTS_FILE : read.missing('TENANTS_FILE')),
    pepper: readPepper(read),
    previousPepper: readPreviousPepper(read),
    jwt: readJwt(read),
  };
}

function readJwt(read: EnvReader): JwtSettings | null {
  const issuer = read.text('JWT_ISSUER');
  const audience = read.text('JWT_AUDIENCE');
  const url = read.text('JWT_JWKS_URL');
  const file = read.text('JWT_JWKS_FILE');
  const tenantClaim = read.text('JWT_TENANT_CLAIM', 'tenant');
  if ([issuer, audience, url, file].every((value) => value === undefined)) return null;
  if ((url === undefined) === (file === undefined)) {
    read.fault('JWT_JWKS_URL', 'or JWT_JWKS_FILE must be set for tokens, and not both of them');
  }
  const parsed = url === undefined ? undefined : URL.parse(url);
  if (
    parsed !== undefined &&
    !(parsed?.protocol === 'https:' || (parsed?.protocol === 'http:' && isLoopback(parsed.hostname)))
  ) {
    read.fault('JWT_JWKS_URL', 'must be an https: URL (http: only for loopback addresses)');
  } else if (parsed?.username || parsed?.password) {
    read.fault('JWT_JWKS_URL', 'must not contain a user or password: they are not sent');
  }
  if (file !== undefined) {
    try {
      readTextFile(file, MAX_KEY_SET_BYTES);
    } catch (error) {
      read.fault('JWT_JWKS_FILE', readFailure(error));
    }
  }
  return {
    issuer: issuer ?? read.missing('JWT_ISSUER'),
    audience: audience ?? read.missing('JWT_AUDIENCE'),
    jwks: url === undefined ? { file: file ?? '' } : { url, proxy: parsed ? readProxy(read, parsed) : null },
    tenantClaim,
  };
}
