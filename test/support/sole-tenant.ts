import { createHmac } from 'node:crypto';

/** The only tenant of a run. */
export interface SoleTenant {
  readonly id: string;
  readonly custSpaceId: string;
  /** The secret of its only API key, which has the ID of the tenant. */
  readonly secret: string;
  readonly pepper: string;
  readonly permissions: readonly string[];
}

export function apiKeyOf({ id, secret }: Pick<SoleTenant, 'id' | 'secret'>): string {
  return `cgk_${id}.${secret}`;
}

/** Returns a tenants file with one tenant that may use all numbers of its space, with very high limits. */
export function soleTenantFile({ id, custSpaceId, secret, pepper, permissions }: SoleTenant): string {
  const digest = createHmac('sha256', pepper).update(secret).digest('hex');
  return JSON.stringify({
    tenants: [
      {
        id,
        name: id,
        spaces: [{ custSpaceId }],
        limits: { requestsPerMinute: 1_000_000, deletesPerHour: 1_000_000, concurrentRequests: 10_000 },
        apiKeys: [{ id, digest, permissions }],
      },
    ],
  });
}
