import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';

const MAX_KEYS = 100;
export const MAX_KEY_SET_BYTES = 256 * 1024;

/** Where the issuer's public keys come from. It keeps the last good set, whatever becomes of the source. */
export interface KeySource {
  /** Picks the key for a token's header; throws a `JOSEError` where there is none. */
  readonly resolve: JWTVerifyGetKey;
  start(): void;
  close(): void;
}

/** A checked key set. */
export interface KeySet {
  readonly resolve: JWTVerifyGetKey;
  /** Equal for equal content. */
  readonly text: string;
}

/** Reads a JWK set. Throws where it is none, or has no key at all: an issuer without keys is a broken issuer. */
export function parseKeySet(text: string): KeySet {
  const content: JSONWebKeySet = JSON.parse(text);
  const resolve = createLocalJWKSet(content);
  if (content.keys.length === 0) throw new errors.JWKSInvalid('The set has no keys');
  if (content.keys.length > MAX_KEYS) throw new errors.JWKSInvalid(`The set has more than ${MAX_KEYS} keys`);
  return { resolve, text };
}
