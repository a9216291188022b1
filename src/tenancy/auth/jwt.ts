import { hash } from 'node:crypto';
import {
  decodeProtectedHeader,
  errors,
  jwtVerify,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
} from 'jose';
import type { JwtSettings } from '../../config/config.js';
import { isPermission, type Permission } from '../permissions.js';

const MAX_TOKEN_BYTES = 6 * 1024;
const CLOCK_TOLERANCE_SECONDS = 30;
const MAX_SPACES = 1_000;
/** Asymmetric algorithms only: with a symmetric one, the public key would serve as the secret. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
/** Other types are tokens for other purposes (RFC 8725, 3.11): logout, security events, proof of possession. */
const TYPES = new Set(['jwt', 'at+jwt']);

/** The claims of a verified token that was issued for this gateway. */
export interface VerifiedToken {
  readonly tenantId: string;
  /** `sub:<digest>` */
  readonly subject: string;
  readonly permissions: ReadonlySet<Permission>;
  /** `null` stands for all spaces of the tenant. */
  readonly custSpaceIds: readonly string[] | null;
  readonly expiresAtMs: number;
}

/** Verifies a token according to RFC 8725. Throws a `JOSEError` for an invalid token. */
export async function verifyToken(
  token: string,
  settings: JwtSettings,
  keys: JWTVerifyGetKey,
): Promise<VerifiedToken> {
  if (Buffer.byteLength(token) > MAX_TOKEN_BYTES) throw new errors.JWTInvalid('The token is too long');
  checkHeader(token);
  const { payload } = await verifySignature(token, keys, {
    algorithms: ALGORITHMS,
    issuer: settings.issuer,
    audience: settings.audience,
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    requiredClaims: ['exp', 'iat', 'sub'],
  });
  return readClaims(payload, settings.tenantClaim);
}

/** Keys in or referenced by the header (`jku`, `x5u`, `jwk`, `x5c`) are always ignored. */
function checkHeader(token: string): void {
  const header = decodeProtectedHeader(token);
  if ('crit' in header || 'b64' in header) refuse('The token has header fields that are not supported');
  const { typ } = header;
  if (typ === undefined) return;
  const type = typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : '';
  if (!TYPES.has(type)) refuse('The token has an unsupported type');
}

async function verifySignature(token: string, keys: JWTVerifyGetKey, options: JWTVerifyOptions) {
  try {
    return await jwtVerify(token, keys, options);
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    // Some issuers send tokens without a key id. Try each key that fits the algorithm.
    for await (const key of error) {
      try {
        return await jwtVerify(token, key, options);
      } catch (other) {
        if (!(other instanceof errors.JWSSignatureVerificationFailed)) throw other;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

function readClaims(claims: JWTPayload, tenantClaim: string): VerifiedToken {
  const { sub, exp, iat, aud } = claims;
  const tenantId: unknown = Object.hasOwn(claims, tenantClaim) ? claims[tenantClaim] : undefined;
  if (typeof tenantId !== 'string') return refuse('The token names no tenant');
  if (typeof sub !== 'string' || sub === '') return refuse('The token has no subject');
  if (typeof exp !== 'number' || typeof iat !== 'number') return refuse('The token has no exp or iat');
  if (iat > Date.now() / 1_000 + CLOCK_TOLERANCE_SECONDS) return refuse('The token was issued in the future');
  if (Array.isArray(aud) && aud.some((item) => typeof item !== 'string')) return refuse('Malformed aud');
  return {
    tenantId,
    subject: `sub:${hash('sha256', sub).slice(0, 16)}`,
    permissions: readScope(claims['scope']),
    custSpaceIds: readSpaces(claims['cust_space_ids']),
    expiresAtMs: exp * 1_000,
  };
}

function readScope(scope: unknown): Set<Permission> {
  if (scope === undefined) return new Set();
  if (typeof scope !== 'string') return refuse('Malformed scope');
  return new Set(scope.split(' ').filter(isPermission));
}

function readSpaces(ids: unknown): string[] | null {
  if (ids === undefined) return null;
  const wellFormed = Array.isArray(ids) && ids.length <= MAX_SPACES && ids.every(isSpaceId);
  return wellFormed ? ids : refuse('Malformed cust_space_ids');
}

function isSpaceId(id: unknown): id is string {
  return typeof id === 'string' && id !== '';
}

function refuse(problem: string): never {
  throw new errors.JWTInvalid(problem);
}
