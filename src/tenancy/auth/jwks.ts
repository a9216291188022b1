import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';

const MAX_KEYS = 100;
export const MAX_KEY_SET_BYTES = 256 * 1024;

/** Source of the issuer's public keys. It keeps the last good key set if the source fails. */
export interface KeySource {
  /** Returns the key for a token's header. Throws a `JOSEError` if there is none. */
  readonly resolve: JWTVerifyGetKey;
  start(): void;
  close(): void;
}

/** A validated key set. */
export interface KeySet {
  readonly resolve: JWTVerifyGetKey;
  /** Equal for equal content. */
  readonly text: string;
}

/** Parses a JWK set. Throws if it is invalid or empty, because an issuer without keys is broken. */
export function parseKeySet(text: string): KeySet {
  const content: JSONWebKeySet = JSON.parse(text);
  const resolve = createLocalJWKSet(content);
  if (content.keys.length === 0) throw new errors.JWKSInvalid('The set has no keys');
  if (content.keys.length > MAX_KEYS) throw new errors.JWKSInvalid(`The set has more than ${MAX_KEYS} keys`);
  return { resolve, text };
}
