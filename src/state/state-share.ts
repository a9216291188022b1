import { GatewayError } from '../errors/gateway-error.js';

/** A tenant's share of the state store. */
export interface StateShare {
  readonly tenantId: string;
  /** Maximum number of records at a time. */
  readonly limit: number;
}

/** An entry counts once per started unit of this size, in bytes, as it is when it is created. */
const UNIT_BYTES = 1_024;

/** Name of this limit in errors. */
const SHARE_LIMIT = 'stateRecords';

/** Returns how many records an entry with this value counts as. */
export function recordsOf(value: string): number {
  return Math.max(1, Math.ceil(Buffer.byteLength(value) / UNIT_BYTES));
}

/** Returns the share of a tenant, as defined in the tenants file. */
export function shareOf(tenant: {
  readonly id: string;
  readonly limits: { readonly stateRecords: number };
}): StateShare {
  return { tenantId: tenant.id, limit: tenant.limits.stateRecords };
}

/** Returns the error for a record that would exceed its tenant's share. */
export function shareUsedUp({ limit }: StateShare, retryAfterMs: number): GatewayError {
  const detail = `You have reached your limit of ${limit.toLocaleString('en')} stored records (stateRecords), which are kept for 24 hours. Nothing was sent.`;
  return recordsRefused(detail, retryAfterMs);
}

/** Returns the error for a record that would take more than half of the memory that is left for all tenants. */
export function memoryUsedUp(retryAfterMs: number): GatewayError {
  const detail =
    'Your stored records (stateRecords) use up your share of the memory of this gateway. Nothing was sent.';
  return recordsRefused(detail, retryAfterMs);
}

/** Returns whether a record was refused because its tenant has used up its records, or its part of the memory. */
export function isShareUsedUp(error: unknown): boolean {
  return error instanceof GatewayError && error.options.limit === SHARE_LIMIT;
}

function recordsRefused(detail: string, retryAfterMs: number): GatewayError {
  const retryAfterSeconds = Math.max(1, retryAfterMs / 1000);
  return new GatewayError('RATE_LIMITED', detail, { limit: SHARE_LIMIT, retryAfterSeconds });
}
