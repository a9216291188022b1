import { createHmac, timingSafeEqual } from 'node:crypto';
import { randomToken } from '../../util/random-token.js';

/** What key ids look like. */
export const API_KEY_ID = /^[A-Za-z0-9_-]{1,64}$/;
const API_KEY = /^cgk_([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]{43})$/;
const NO_DIGEST = Buffer.alloc(32);

/** The two parts of `cgk_<key id>.<secret>`. */
export interface ApiKey {
  readonly id: string;
  /** 43 characters of base64url. */
  readonly secret: string;
}

/** Whether credentials want to be an API key; everything else is taken for a token. */
export function looksLikeApiKey(text: string): boolean {
  return text.startsWith('cgk_');
}

export function parseApiKey(text: string): ApiKey | null {
  const [, id, secret] = API_KEY.exec(text) ?? [];
  return id === undefined || secret === undefined ? null : { id, secret };
}

/** HMAC-SHA-256 of the secret, keyed with the pepper: without the pepper a stolen tenants file verifies no guess. */
export function digestSecret(secret: string, pepper: string): Buffer {
  return createHmac('sha256', pepper).update(secret, 'ascii').digest();
}

/** Compares in constant time; without a digest (the id is unknown) it does the same work and says no. */
export function matchesDigest(secret: string, digest: Buffer | undefined, pepper: string): boolean {
  const equal = timingSafeEqual(digestSecret(secret, pepper), digest ?? NO_DIGEST);
  return equal && digest !== undefined;
}

/** A new key with 256 random bits. */
export function generateApiKey(id: string): ApiKey & { readonly text: string } {
  const secret = randomToken(32);
  return { id, secret, text: `cgk_${id}.${secret}` };
}
