import { PEPPER, runTenant, type RunTenant, tenantsFile } from '../tenants.js';

/** The default of the gateway. */
export const REQUEST_BUDGET_MS = 20_000;

/**
 * Numbers whose lists are read in turn, so few times that each read needs a call to CAMS: pages may be served for 75 s.
 * Their number is bounded, because entries of more and more lists in caches would look like a leak.
 */
export const UNCACHED_NUMBERS = 600;
export const GROUPS_OF_NUMBER = 20;

const FIRST_UNCACHED = 8_613_900_000_000;
const base = runTenant('soak', 7);
/** Lists of this number are read often, and nothing changes it. */
export const QUIET_NUMBER = base.businessNumbers[0];
/** Groups of this number are written to. */
export const BUSY_NUMBER = '8697477135001';
export const UNCACHED: readonly string[] = Array.from({ length: UNCACHED_NUMBERS }, (_, index) =>
  String(FIRST_UNCACHED + index),
);
export const TENANT: RunTenant = {
  ...base,
  businessNumbers: [QUIET_NUMBER, BUSY_NUMBER, ...UNCACHED],
};

/** The tenants file, with or without a tenant that nobody uses. */
export function tenantsOf(more: boolean): string {
  return tenantsFile(more ? [TENANT, runTenant('other', 8)] : [TENANT]);
}

/** Settings of every gateway, except for addresses: defaults, but for the limits that protect the real CAMS. */
export const GATEWAY_SETTINGS: Readonly<Record<string, string>> = {
  API_KEY_PEPPER: PEPPER,
  CAMS_ACCESS_KEY_ID: 'sandbox',
  CAMS_ACCESS_KEY_SECRET: 'sandbox-secret',
  CAMS_QPS: '1000',
  // A busy machine delays the event loop, and refusals for that reason would say nothing about the gateway.
  MAX_EVENT_LOOP_DELAY_MS: '0',
};

/** Those of docker-compose.yml, with less memory for the cache. */
export const CACHE_REDIS = ['--maxmemory', '256mb', '--maxmemory-policy', 'volatile-ttl'];
export const STATE_REDIS = [
  '--appendonly',
  'yes',
  '--appendfsync',
  'always',
  '--maxmemory-policy',
  'noeviction',
];
