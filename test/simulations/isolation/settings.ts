import { GATEWAY_SETTINGS as FUZZ_SETTINGS } from '../fuzz/settings.js';
import { type RunTenant, runTenant } from '../tenants.js';

export const TENANTS = [runTenant('ada', 1), runTenant('bob', 2), runTenant('cyd', 3)] as const;

/** A space and numbers that nobody has. */
export const NOBODY = runTenant('nobody', 9);
export const UNKNOWN_GROUP = '0A1B2C3D4E5F60718293A4B5';

/** Groups in each number at the start of a window. */
export const GROUPS = 6;

/** Pages stay in the cache for long, so that a wrong key would show those of other tenants. */
export const GATEWAY_SETTINGS: Readonly<Record<string, string>> = {
  ...FUZZ_SETTINGS,
  CAMS_TIMEOUT_MS: '8000',
  CAMS_LATE_APPLY_MS: '1000',
  REQUEST_BUDGET_MS: '20000',
  CREATE_RESOLVE_TIMEOUT_MS: '5000',
  // Creates that stay pending must end before the next tenant begins.
  OPERATION_WINDOW_MS: '6000',
  CACHE_FRESH_MS: '15000',
  CACHE_STALE_WHILE_REVALIDATE_MS: '60000',
  CACHE_STALE_IF_ERROR_MS: '600000',
};

/** Returns the members of every group of the tenant. */
export function membersOf({ businessNumbers: [number] }: RunTenant): string[] {
  const digits = number.slice(3, 9);
  return [`8615${digits}001`, `8615${digits}002`, `US.9${digits}${digits}0077`];
}
