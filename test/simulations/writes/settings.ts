import { PERMISSIONS } from '../../../src/tenancy/permissions.js';
import { apiKeyOf, type SoleTenant } from '../../support/sole-tenant.js';

/** Durations of the gateways in ms: short, so that abandoned writes are reconciled during the run. */
export const TIMES = {
  callMs: 600,
  lateApplyMs: 900,
  budgetMs: 3_000,
  resolveMs: 1_000,
  windowMs: 6_000,
} as const;

/**
 * Maximum wait for a final outcome: several times the window and the locks of a dead owner, because the gateway that
 * takes over a write may be killed or frozen, too, plus tolerance for a busy machine.
 */
export const PATIENCE_MS = 60_000;
/** How much longer a client retries if its write has no final outcome. */
export const LAST_PATIENCE_MS = 10_000;
/** Shorter, because an unchanged link never shows whether the write was executed. */
export const LINK_PATIENCE_MS = 9_000;
/** How long a client waits for one response. */
export const CLIENT_MS = TIMES.budgetMs + 1_500;

export const SPACE = 'cams-writes';
export const TENANT: SoleTenant = {
  id: 'writes',
  custSpaceId: SPACE,
  secret: 'W'.repeat(43),
  pepper: 'sandbox-pepper',
  permissions: PERMISSIONS,
};
export const API_KEY = apiKeyOf(TENANT);

/** Writes per number of the space. */
export const WRITES_PER_SCOPE = 45;
/** Concurrent clients. */
export const CLIENTS = 32;

/** Settings of every gateway, except for its addresses. */
export const GATEWAY_SETTINGS: Readonly<Record<string, string>> = {
  PORT: '0',
  MANAGEMENT_PORT: '0',
  LOG_LEVEL: 'error',
  CAMS_ACCESS_KEY_ID: 'sandbox',
  CAMS_ACCESS_KEY_SECRET: 'sandbox-secret',
  API_KEY_PEPPER: TENANT.pepper,
  CAMS_QPS: '10000',
  CAMS_TIMEOUT_MS: `${TIMES.callMs}`,
  CAMS_LATE_APPLY_MS: `${TIMES.lateApplyMs}`,
  REQUEST_BUDGET_MS: `${TIMES.budgetMs}`,
  MAX_EVENT_LOOP_DELAY_MS: '0',
  CREATE_RESOLVE_TIMEOUT_MS: `${TIMES.resolveMs}`,
  OPERATION_WINDOW_MS: `${TIMES.windowMs}`,
  CACHE_SETTLE_MS: '50',
};
