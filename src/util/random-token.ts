import { randomBytes } from 'node:crypto';

/** An unguessable text of `bytes` random bytes in base64url: ids, versions and owners of locks. */
export function randomToken(bytes = 12): string {
  return randomBytes(bytes).toString('base64url');
}
