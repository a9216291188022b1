import { PEPPER, runTenant } from '../tenants.js';

/** The callers. */
export const TENANTS = [runTenant('ada', 1), runTenant('bob', 2), runTenant('cyd', 3)] as const;
/** Never a caller of generated requests, so that its groups stay as they are. */
export const WITNESS = runTenant('witness', 4);
export const ALL_TENANTS = [...TENANTS, WITNESS] as const;

export const CAMS_SECRET = 'sandbox-secret';

/** Durations of the gateways in ms: short, so that a phase sees writes of unknown outcome settle. */
export const TIMES = {
  callMs: 800,
  lateApplyMs: 500,
  budgetMs: 4_000,
  freshMs: 1_000,
  staleMs: 1_000,
  windowMs: 5_000,
} as const;

/** Maximum wait for a response: a request that never arrives whole is answered after 15 s; plus a busy machine. */
export const RESPONSE_MS = 30_000;
/** Groups in each number at the start of a phase. */
export const GROUPS = 24;
/** CAMS creates no more groups in a number, so that lists stay short. */
export const MOST_GROUPS = 60;
export const MEMBERS = ['8669900112233', '8669900112234', 'US.66990011223344556677'] as const;

/** Settings of every gateway, except for its addresses and files. */
export const GATEWAY_SETTINGS: Readonly<Record<string, string>> = {
  PORT: '0',
  MANAGEMENT_PORT: '0',
  LOG_LEVEL: 'info',
  LOG_FORMAT: 'json',
  // Requests name an address, so that refused credentials of one do not limit all others.
  TRUST_PROXY: '127.0.0.1',
  CAMS_ACCESS_KEY_ID: 'sandbox',
  CAMS_ACCESS_KEY_SECRET: CAMS_SECRET,
  API_KEY_PEPPER: PEPPER,
  CAMS_QPS: '10000',
  CAMS_TIMEOUT_MS: `${TIMES.callMs}`,
  CAMS_LATE_APPLY_MS: `${TIMES.lateApplyMs}`,
  REQUEST_BUDGET_MS: `${TIMES.budgetMs}`,
  CREATE_RESOLVE_TIMEOUT_MS: '500',
  OPERATION_WINDOW_MS: `${TIMES.windowMs}`,
  CACHE_FRESH_MS: `${TIMES.freshMs}`,
  CACHE_STALE_WHILE_REVALIDATE_MS: `${TIMES.staleMs}`,
  CACHE_STALE_IF_ERROR_MS: `${TIMES.staleMs}`,
  CACHE_SETTLE_MS: '50',
};
