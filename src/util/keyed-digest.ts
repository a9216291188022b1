import { createHmac } from 'node:crypto';

/**
 * Returns a digest for logs. Keyed with the pepper, so that numbers cannot be guessed without it; those of different kinds
 * or tenants never match.
 */
export function keyedDigest(pepper: string, kind: string, tenantId: string, text: string): string {
  return createHmac('sha256', pepper).update(`${kind}\n${tenantId}\n${text}`).digest('hex');
}
