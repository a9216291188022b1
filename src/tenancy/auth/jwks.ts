import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { parseJsonOrThrow } from '../../util/parse-json.js';

const MAX_KEYS = 100;
/** Key types of the accepted algorithms. */
const KEY_TYPES = new Set<unknown>(['RSA', 'EC', 'OKP']);
export const MAX_KEY_SET_BYTES = 256 * 1024;

/** Source of the issuer's public keys. It keeps the last good key set if the source fails. */
export interface KeySource {
  /** Returns the key for a token's header. Throws a `JOSEError` if there is none. */
  readonly resolve: JWTVerifyGetKey;
  start(): void;
  close(): void;
}

/** No keys to verify tokens have been fetched yet. */
export class KeysNotFetched extends errors.JWKSNoMatchingKey {
  constructor() {
    super('The keys of the issuer have not been fetched yet');
  }
}

/** A validated key set. */
export interface KeySet {
  readonly resolve: JWTVerifyGetKey;
  /** Equal for equal content. */
  readonly text: string;
}

/** Parses a JWK set. Throws if it is invalid or has no key for signatures, because such an issuer is broken. */
export function parseKeySet(text: string): KeySet {
  const content = parseJsonOrThrow(text) as JSONWebKeySet;
  const resolve = createLocalJWKSet(content);
  if (!content.keys.some(({ kty, use }) => KEY_TYPES.has(kty) && (use === undefined || use === 'sig')))
    throw new errors.JWKSInvalid('The set has no key that can verify a token');
  if (content.keys.length > MAX_KEYS) throw new errors.JWKSInvalid(`The set has more than ${MAX_KEYS} keys`);
  return { resolve, text };
}
