import {
  decodeProtectedHeader,
  errors,
  jwtVerify,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  type ProtectedHeaderParameters,
} from 'jose';
import type { JwtSettings } from '../../config/config.js';
import { isPermission, type Permission } from '../permissions.js';
import { TokenRefused } from './token-faults.js';
import { hasDuplicateMembers } from '../../util/duplicate-members.js';
import { parseJson } from '../../util/parse-json.js';
import type { TokenFault } from '../../request/refused-credentials.js';

const MAX_TOKEN_BYTES = 6 * 1024;
const CLOCK_TOLERANCE_SECONDS = 30;
const MAX_SPACES = 1_000;
/** Ten years. A later expiry is a mistake, such as a time in milliseconds, and would never revoke the token. */
const MAX_LIFETIME_SECONDS = 10 * 366 * 86_400;
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
  /** Whoever the issuer knows it as, for example a phone number: never log it. */
  readonly subject: string;
  readonly permissions: ReadonlySet<Permission>;
  /** `null` stands for all spaces of the tenant. */
  readonly custSpaceIds: readonly string[] | null;
  readonly expiresAtMs: number;
}

/** Verifies a token according to RFC 8725. Throws if it is invalid; `tokenFault` says why. */
export async function verifyToken(
  token: string,
  settings: JwtSettings,
  keys: JWTVerifyGetKey,
): Promise<VerifiedToken> {
  if (Buffer.byteLength(token) > MAX_TOKEN_BYTES) refuse('token_too_long');
  checkForm(token);
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

/** Refuses what parsers read differently or at a high cost: other encodings of the same bytes, duplicate members, deep JSON. */
function checkForm(token: string): void {
  const parts = token.split('.');
  if (parts.length !== 3) refuse('malformed_token');
  for (const part of parts) {
    const bytes = Buffer.from(part, 'base64url');
    if (bytes.toString('base64url') !== part) refuse('malformed_token');
  }
  for (const part of parts.slice(0, 2)) {
    const text = Buffer.from(part, 'base64url').toString('utf8');
    if (parseJson(text) === undefined || hasDuplicateMembers(text)) refuse('malformed_token');
  }
}

/** Keys in or referenced by the header (`jku`, `x5u`, `jwk`, `x5c`) are always ignored. */
function checkHeader(token: string): void {
  const header = headerOf(token);
  // `cty` announces a nested token.
  if ('crit' in header || 'b64' in header || 'cty' in header) refuse('unsupported_header');
  const { typ } = header;
  if (typ === undefined) return;
  const type = typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : '';
  if (!TYPES.has(type)) refuse('unsupported_type');
}

function headerOf(token: string): ProtectedHeaderParameters {
  try {
    return decodeProtectedHeader(token);
  } catch {
    return refuse('malformed_token');
  }
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
  const { sub, exp, iat, nbf, aud } = claims;
  const now = Date.now() / 1_000;
  const tenantId: unknown = Object.hasOwn(claims, tenantClaim) ? claims[tenantClaim] : undefined;
  if (tenantId === undefined) return refuse('missing_tenant');
  if (typeof tenantId !== 'string') return refuse('malformed_tenant');
  if (typeof sub !== 'string' || sub === '') return refuse('malformed_sub');
  if (typeof exp !== 'number' || exp > now + MAX_LIFETIME_SECONDS) return refuse('malformed_exp');
  if (typeof iat !== 'number' || iat < 0) return refuse('malformed_iat');
  if (nbf !== undefined && nbf < 0) return refuse('malformed_nbf');
  if (iat > now + CLOCK_TOLERANCE_SECONDS) return refuse('not_yet_valid');
  if (Array.isArray(aud) && aud.some((item) => typeof item !== 'string')) return refuse('malformed_aud');
  return {
    tenantId,
    subject: sub,
    permissions: new Set([...readScope(claims['scope']), ...readPermissions(claims['permissions'])]),
    custSpaceIds: readSpaces(claims['cust_space_ids']),
    expiresAtMs: exp * 1_000,
  };
}

/** Returns the permissions in a text of words separated by spaces (RFC 8693). Other words are for other purposes. */
function readScope(scope: unknown): Permission[] {
  if (scope === undefined) return [];
  if (typeof scope !== 'string') return refuse('malformed_scope');
  return scope.split(' ').filter(isPermission);
}

/** Returns the permissions in a list, as issuers send it that assign permissions to roles. */
function readPermissions(permissions: unknown): Permission[] {
  if (permissions === undefined) return [];
  const wellFormed = Array.isArray(permissions) && permissions.every((item) => typeof item === 'string');
  return wellFormed ? permissions.filter(isPermission) : refuse('malformed_permissions');
}

function readSpaces(ids: unknown): string[] | null {
  if (ids === undefined) return null;
  const wellFormed = Array.isArray(ids) && ids.length <= MAX_SPACES && ids.every(isSpaceId);
  return wellFormed ? ids : refuse('malformed_cust_space_ids');
}

function isSpaceId(id: unknown): id is string {
  return typeof id === 'string' && id !== '';
}

function refuse(fault: TokenFault): never {
  throw new TokenRefused(fault);
}
