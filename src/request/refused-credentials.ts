/** Why credentials were refused. For the log of the operator: the response does not reveal it. */
export type CredentialFault = (typeof HEADER_FAULTS)[number] | KeyFault | TokenFault;

export type KeyFault = (typeof KEY_FAULTS)[number];

export type TokenFault =
  (typeof TOKEN_FAULTS)[number] | `missing_${CheckedClaim}` | `malformed_${CheckedClaim}`;

/** A test checks that docs/authentication.md says what to do about each. */
export const HEADER_FAULTS = [
  'missing',
  'different_credentials',
  'repeated_credentials',
  'malformed_authorization',
] as const;
export const KEY_FAULTS = ['malformed_key', 'unknown_key', 'wrong_secret', 'expired_key'] as const;
export const TOKEN_FAULTS = [
  'tokens_not_configured',
  'token_too_long',
  'malformed_token',
  'unsupported_header',
  'unsupported_type',
  'unsupported_algorithm',
  'issuer_keys_not_fetched',
  'unknown_issuer_key',
  'unusable_issuer_key',
  'bad_signature',
  'wrong_issuer',
  'wrong_audience',
  'expired_token',
  'not_yet_valid',
  'unknown_tenant',
] as const;

/** The claims that a token is refused for if they have an invalid value. */
export type CheckedClaim =
  'aud' | 'cust_space_ids' | 'exp' | 'iat' | 'iss' | 'nbf' | 'permissions' | 'scope' | 'sub' | 'tenant';

/** Credentials that were refused, without anything that may be secret. */
export interface RefusedCredentials {
  readonly kind: 'none' | 'key' | 'token' | 'conflict';
  readonly fault: CredentialFault;
  /** The id of the key that they claim, of an API key or of a token's issuer, as it may be logged. Unknown ones are cleaned. */
  readonly keyId?: string;
}
