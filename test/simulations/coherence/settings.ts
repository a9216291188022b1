import { apiKeyOf, type SoleTenant } from '../../support/sole-tenant.js';

/** Durations of the run in ms: short, so that reads do not bypass the cache in quarantine most of the time. */
export const TIMES = {
  callMs: 300,
  lateApplyMs: 400,
  freshMs: 2_000,
  staleWhileRevalidateMs: 4_000,
  staleIfErrorMs: 8_000,
  settleMs: 120,
  /** How far lists lag; within the settle window. */
  listLagMs: 50,
} as const;

/** How long an intent lasts, and how long a write with an unknown outcome may still be applied. */
export const INTENT_MS = TIMES.callMs + TIMES.lateApplyMs;

/**
 * After this, a write that was not acknowledged as coherent must be visible: the longest lifetime of a page, plus
 * tolerance for a busy machine.
 */
export const BOUND_MS = TIMES.staleIfErrorMs + INTENT_MS + 2_000;

/** Tolerance for a lagging upstream and for clock differences between two processes. */
export const LAG_ALLOWANCE_MS = TIMES.listLagMs + 30;

/** After this, a member that joined outside the gateway must be visible: pages of members are never served stale. */
export const MEMBER_SHOWN_MS = TIMES.freshMs + TIMES.callMs + 1_200;

/** How long the gateway looks for the group of a create operation. */
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
/** Readers of single groups and of members, in addition to those of lists. */
export const LOOKERS = 16;

/** Settings of every replica, except for its addresses. */
export const REPLICA_SETTINGS: Readonly<Record<string, string>> = {
  PORT: '0',
  MANAGEMENT_PORT: '0',
  LOG_LEVEL: 'fatal',
  CAMS_ACCESS_KEY_ID: 'sandbox',
  CAMS_ACCESS_KEY_SECRET: 'sandbox-secret',
  API_KEY_PEPPER: TENANT.pepper,
  CAMS_QPS: '10000',
  CAMS_TIMEOUT_MS: `${TIMES.callMs}`,
  CAMS_LATE_APPLY_MS: `${TIMES.lateApplyMs}`,
  REQUEST_BUDGET_MS: '5000',
  MAX_EVENT_LOOP_DELAY_MS: '0',
  CREATE_RESOLVE_TIMEOUT_MS: `${RESOLVE_MS}`,
  CACHE_FRESH_MS: `${TIMES.freshMs}`,
  CACHE_STALE_WHILE_REVALIDATE_MS: `${TIMES.staleWhileRevalidateMs}`,
  CACHE_STALE_IF_ERROR_MS: `${TIMES.staleIfErrorMs}`,
  CACHE_SETTLE_MS: `${TIMES.settleMs}`,
};
