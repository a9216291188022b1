import { randomBytes } from 'node:crypto';

/** Returns `bytes` random bytes in base64url, for ids, versions and lock owners. */
export function randomToken(bytes = 12): string {
  return randomBytes(bytes).toString('base64url');
}
