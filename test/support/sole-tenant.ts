import { createHmac } from 'node:crypto';

/** Who a run asks as. */
export interface SoleTenant {
  readonly id: string;
  readonly custSpaceId: string;
  /** Of its only API key, whose id is that of the tenant. */
  readonly secret: string;
  readonly pepper: string;
  readonly permissions: readonly string[];
}

export function apiKeyOf({ id, secret }: Pick<SoleTenant, 'id' | 'secret'>): string {
  return `cgk_${id}.${secret}`;
}

/** A tenants file of one that asks for any number of its space, as often as it likes. */
export function soleTenantFile({ id, custSpaceId, secret, pepper, permissions }: SoleTenant): string {
  const digest = createHmac('sha256', pepper).update(secret).digest('hex');
  return JSON.stringify({
    tenants: [
      {
        id,
        name: id,
        spaces: [{ custSpaceId }],
        limits: { requestsPerMinute: 1_000_000, deletesPerHour: 1_000_000 },
        apiKeys: [{ id, digest, permissions }],
      },
    ],
  });
}
