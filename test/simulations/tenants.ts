import { createHash, createHmac } from 'node:crypto';
import { PERMISSIONS } from '../../src/tenancy/permissions.js';

export const PEPPER = 'pepper of the fuzzer, 32 characters or more';

/** A tenant of a run, with canaries: texts that no other tenant may see. */
export interface RunTenant {
  readonly id: string;
  readonly custSpaceId: string;
  readonly businessNumbers: readonly [string, ...string[]];
  readonly apiKey: string;
  /** A key with `groups:read` only. */
  readonly readonlyKey: string;
}

const NUMBERS_EACH = 4;

/** Returns the tenant with this name. `place` distinguishes its numbers from those of other tenants. */
export function runTenant(name: string, place: number): RunTenant {
  const number = (index: number): string => `869${place}4771350${String(index).padStart(2, '0')}`;
  const more = Array.from({ length: NUMBERS_EACH - 1 }, (_, index) => number(index + 1));
  return {
    id: `tenant-${name}`,
    custSpaceId: `space-${name}`,
    businessNumbers: [number(0), ...more],
    apiKey: `cgk_${name}.${secretOf(name)}`,
    readonlyKey: `cgk_${name}-readonly.${secretOf(`${name}-readonly`)}`,
  };
}

/** Returns a tenants file with limits that no run reaches. */
export function tenantsFile(tenants: readonly RunTenant[]): string {
  return JSON.stringify({
    tenants: tenants.map(({ id, custSpaceId, businessNumbers, apiKey, readonlyKey }) => ({
      id,
      name: `Name of ${id}`,
      spaces: [{ custSpaceId, businessNumbers }],
      limits: {
        requestsPerMinute: 1_000_000,
        deletesPerHour: 1_000_000,
        concurrentRequests: 10_000,
        stateRecords: 10_000_000,
      },
      apiKeys: [entry(apiKey, PERMISSIONS), entry(readonlyKey, ['groups:read'])],
    })),
  });
}

function entry(key: string, permissions: readonly string[]): object {
  const [id = '', secret = ''] = key.slice('cgk_'.length).split('.');
  return { id, digest: createHmac('sha256', PEPPER).update(secret).digest('hex'), permissions };
}

function secretOf(name: string): string {
  return createHash('sha256').update(`secret of ${name}`).digest('base64url');
}
