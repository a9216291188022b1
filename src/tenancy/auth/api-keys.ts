import { createHmac, timingSafeEqual } from 'node:crypto';
import { randomToken } from '../../util/random-token.js';

/** Format of key ids. */
export const API_KEY_ID = /^[A-Za-z0-9_-]{1,64}$/;
const API_KEY = /^cgk_([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]{43})$/;
const NO_DIGEST = Buffer.alloc(32);

/** The two parts of `cgk_<key id>.<secret>`. */
export interface ApiKey {
  readonly id: string;
  /** 43 characters of base64url. */
  readonly secret: string;
}

/** Whether credentials have the prefix of an API key. All others are treated as tokens. */
export function looksLikeApiKey(text: string): boolean {
  return text.startsWith('cgk_');
}

export function parseApiKey(text: string): ApiKey | null {
  const [, id, secret] = API_KEY.exec(text) ?? [];
  return id === undefined || secret === undefined ? null : { id, secret };
}

/** HMAC-SHA-256 of the secret, keyed with the pepper, so that a stolen tenants file alone cannot verify guesses. */
export function digestSecret(secret: string, pepper: string): Buffer {
  return createHmac('sha256', pepper).update(secret, 'ascii').digest();
}

/** Compares in constant time. Without a digest (unknown key id) it does the same work and returns false. */
export function matchesDigest(secret: string, digest: Buffer | undefined, pepper: string): boolean {
  const equal = timingSafeEqual(digestSecret(secret, pepper), digest ?? NO_DIGEST);
  return equal && digest !== undefined;
}

/** Generates a key with 256 random bits. */
export function generateApiKey(id: string): ApiKey & { readonly text: string } {
  const secret = randomToken(32);
  return { id, secret, text: `cgk_${id}.${secret}` };
}
