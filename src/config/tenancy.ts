import { readFileSync } from 'node:fs';
import { isLoopback, isLoopbackEndpoint } from './addresses.js';
import type { EnvReader } from './env-reader.js';
import { SANDBOX_PEPPER, SANDBOX_TENANTS_FILE, usesSandbox } from './sandbox.js';

export interface JwtSettings {
  readonly issuer: string;
  readonly audience: string;
  readonly jwks: { readonly url: string } | { readonly file: string };
  readonly tenantClaim: string;
}

export interface TenancySettings {
  readonly file: string;
  readonly pepper: string;
  /** `null` if tokens are not accepted. */
  readonly jwt: JwtSettings | null;
}

export function readTenancy(read: EnvReader): TenancySettings {
  const withSandbox = usesSandbox(read);
  return {
    file: read.text('TENANTS_FILE') ?? (withSandbox ? SANDBOX_TENANTS_FILE : read.missing('TENANTS_FILE')),
    pepper: readPepper(read),
    jwt: readJwt(read),
  };
}

/** Reads the pepper, the HMAC key for the digests of all API keys. */
export function readPepper(read: EnvReader): string {
  const withSandbox = usesSandbox(read);
  const pepper = read.text('API_KEY_PEPPER');
  if (pepper === undefined) return withSandbox ? SANDBOX_PEPPER : read.missing('API_KEY_PEPPER');
  // A standalone sandbox is as harmless as the built-in one, and its keys only work if the operator opts in.
  const harmless = withSandbox || isLoopbackEndpoint(read.text('CAMS_ENDPOINT'));
  if (!harmless && (pepper === SANDBOX_PEPPER || pepper.length < 16)) {
    read.fault('API_KEY_PEPPER', 'must be at least 16 characters and must not be the pepper of the sandbox');
  }
  return pepper;
}

function readJwt(read: EnvReader): JwtSettings | null {
  const issuer = read.text('JWT_ISSUER');
  const audience = read.text('JWT_AUDIENCE');
  const url = read.text('JWT_JWKS_URL');
  const file = read.text('JWT_JWKS_FILE');
  const tenantClaim = read.text('JWT_TENANT_CLAIM') ?? 'tenant';
  if ([issuer, audience, url, file].every((value) => value === undefined)) return null;
  if ((url === undefined) === (file === undefined)) {
    read.fault('JWT_JWKS_URL', 'or JWT_JWKS_FILE is required for tokens, but not both');
  }
  const parsed = url === undefined ? undefined : URL.parse(url);
  if (
    parsed !== undefined &&
    !(parsed?.protocol === 'https:' || (parsed?.protocol === 'http:' && isLoopback(parsed.hostname)))
  ) {
    read.fault('JWT_JWKS_URL', 'must be an https: URL (http: only for loopback addresses)');
  }
  if (file !== undefined) {
    try {
      readFileSync(file);
    } catch {
      // The reason (missing, a directory, no permission) does not change what the operator must do.
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
