import { apiKeyOf, type SoleTenant } from '../../support/sole-tenant.js';

/** Durations of the run, in ms: short, so that quarantine does not hide the cache. */
export const TIMES = {
  callMs: 300,
  lateApplyMs: 400,
  freshMs: 2_000,
  staleWhileRevalidateMs: 4_000,
  staleIfErrorMs: 8_000,
  settleMs: 120,
  /** How far lists are behind while they lag; inside the settle window. */
  listLagMs: 50,
} as const;

/** How long an intent lasts, and a write of unknown outcome may still be applied. */
export const INTENT_MS = TIMES.callMs + TIMES.lateApplyMs;

/** After which a write shows that was not acknowledged as coherent: the longest life of a page, and room for a busy machine. */
export const BOUND_MS = TIMES.staleIfErrorMs + INTENT_MS + 2_000;

/** Room for an upstream that lags, and for the clocks of two processes. */
export const LAG_ALLOWANCE_MS = TIMES.listLagMs + 30;

/** After which a member shows that joined outside the gateway: a page of members is fresh that long and never stale. */
export const MEMBER_SHOWN_MS = TIMES.freshMs + TIMES.callMs + 1_200;

/** How long the gateway looks for the group of a create. */
const RESOLVE_MS = 1_000;

export const SPACE = 'cams-coherence';
export const TENANT: SoleTenant = {
  id: 'coherence',
  custSpaceId: SPACE,
  secret: 'K'.repeat(43),
  pepper: 'sandbox-pepper',
  permissions: ['groups:read', 'groups:write', 'groups:delete', 'participants:read', 'participants:remove'],
};
export const API_KEY = apiKeyOf(TENANT);
export const SCOPES = 12;
export const GROUPS_PER_SCOPE = 3;
export const MEMBERS_PER_GROUP = 4;
export const WRITERS = 6;
/** Readers of single groups and of members, besides those of lists. */
export const LOOKERS = 16;

/** Settings of every replica, besides its addresses. */
export const REPLICA_SETTINGS: Readonly<Record<string, string>> = {
  PORT: '0',
  MANAGEMENT_PORT: '0',
  LOG_LEVEL: 'silent',
  CAMS_ACCESS_KEY_ID: 'sandbox',
  CAMS_ACCESS_KEY_SECRET: 'sandbox-secret',
  API_KEY_PEPPER: TENANT.pepper,
  CAMS_QPS: '10000',
  CAMS_TIMEOUT_MS: `${TIMES.callMs}`,
  CAMS_LATE_APPLY_MS: `${TIMES.lateApplyMs}`,
  REQUEST_BUDGET_MS: '5000',
  CREATE_RESOLVE_TIMEOUT_MS: `${RESOLVE_MS}`,
  CACHE_FRESH_MS: `${TIMES.freshMs}`,
  CACHE_STALE_WHILE_REVALIDATE_MS: `${TIMES.staleWhileRevalidateMs}`,
  CACHE_STALE_IF_ERROR_MS: `${TIMES.staleIfErrorMs}`,
  CACHE_SETTLE_MS: `${TIMES.settleMs}`,
};
