import { Injectable } from '@nestjs/common';
import { ERRORS } from '../errors/catalogue.js';
import { LIMITS } from '../request/limits.js';
import { packageVersion } from '../util/package-version.js';
import type { OnTenantsRemoved, RemovedTenants } from '../util/removed-tenants.js';
import { MetricRegistry } from './metric-registry.js';

/** What a read of a page was answered with. */
export const CACHE_OUTCOMES = ['hit', 'stale', 'miss', 'collapsed', 'bypass', 'failed'] as const;

/** Why a read bypassed the cache. */
export const BYPASS_REASONS = [
  'recent_write',
  'unconfirmed_write',
  'store_unavailable',
  'slow_leader',
] as const;
export type BypassReason = (typeof BYPASS_REASONS)[number];

/** Why a call to CAMS was not sent. */
export const UNSENT_REASONS = ['broken', 'throttled', 'queue_full', 'waited_too_long', 'no_time'] as const;
export type UnsentReason = (typeof UNSENT_REASONS)[number];

const SHORT = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20];
const LONG = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** The metrics of the gateway. docs/operations.md says what to do with them. */
@Injectable()
export class Metrics implements OnTenantsRemoved {
  readonly #metrics = new MetricRegistry();
  readonly registry = this.#metrics.registry;

  readonly buildInfo = this.#metrics.gauge(
    'gateway_build_info',
    'Always 1. Its labels are the release of the gateway and the version of Node.js',
    ['version', 'node'],
  );

  /** Labels of the tenant are empty for requests without one. */
  readonly httpRequests;
  readonly connectionsRefused = this.#metrics.counter(
    'gateway_connections_refused_total',
    'Connections to the public listener that were closed because MAX_CONNECTIONS were open',
  );
  readonly errors;
  readonly rateLimited = this.#metrics.counter(
    'gateway_rate_limited_total',
    'Responses that refuse because of a limit, by limit (those of the tenants file, failedCredentials and pipelinedRequests)',
    { limit: LIMITS },
  );
  readonly quotaCountedAlone = this.#metrics.counter(
    'gateway_quota_counted_alone_total',
    'Counts of a quota that the process made on its own because the state Redis did not respond in time, by quota (requests, deletes)',
    { quota: ['requests', 'deletes'] },
  );
  readonly shedShare = this.#metrics.gauge(
    'gateway_shed_share',
    'Share of the expensive requests that is refused because the event loop is delayed, 0 to 1',
  );
  readonly graphqlOperations = this.#metrics.counter(
    'gateway_graphql_operations_total',
    'Executed GraphQL operations, by path (compiled: as a function compiled from the document; interpreted: by graphql-js) and operation (query, mutation)',
    { path: ['compiled', 'interpreted'], operation: ['query', 'mutation'] },
  );
  /** Queries in {@link graphqlOperations}. Looking up the labels each time would cost more than counting. */
  readonly graphqlQueries = {
    compiled: this.graphqlOperations.labels({ path: 'compiled', operation: 'query' }),
    interpreted: this.graphqlOperations.labels({ path: 'interpreted', operation: 'query' }),
  };

  readonly camsCalls = this.#metrics.histogram(
    'gateway_cams_call_duration_seconds',
    'Duration of a CAMS call, by action and outcome',
    LONG,
    ['action', 'outcome'],
  );
  readonly camsUnsent = this.#metrics.counter(
    'gateway_cams_calls_unsent_total',
    'CAMS calls that were needed but not sent, by reason (broken: most calls of the account or of the tenant fail; throttled: CAMS throttles the account; queue_full, waited_too_long, no_time)',
    { reason: UNSENT_REASONS },
  );
  readonly camsRetries = this.#metrics.counter(
    'gateway_cams_retries_total',
    'Reads that were sent to CAMS once more',
  );
  readonly camsBroken = this.#metrics.gauge(
    'gateway_cams_account_broken',
    'Whether only single calls are tried because most calls of the account fail (1 or 0), by account of the tenants file',
    ['account'],
  );
  readonly camsBrokenTenants = this.#metrics.gauge(
    'gateway_cams_tenants_broken',
    'Tenants for which only single calls are tried because most of theirs fail, by account of the tenants file. The log names them',
    ['account'],
  );
  readonly camsAccountReady = this.#metrics.gauge(
    'gateway_cams_account_ready',
    'Whether the latest check found that CAMS accepts calls for the account (1 or 0), by account of the tenants file',
    ['account'],
  );
  readonly camsRate = this.#metrics.gauge(
    'gateway_cams_account_calls_per_second',
    'The rate of calls that the process could expect at the latest call of the account: its part of CAMS_QPS, and less after CAMS throttled it',
    ['account'],
  );
  readonly camsUnderWay = this.#metrics.gauge('gateway_cams_calls_under_way', 'CAMS calls in flight');
  readonly camsWaiting = this.#metrics.gauge('gateway_cams_calls_waiting', 'CAMS calls waiting for a permit');
  readonly camsWaits = this.#metrics.histogram(
    'gateway_cams_permit_wait_seconds',
    'Time that CAMS calls waited for a permit before they were sent',
    SHORT,
  );
  readonly camsContradictions = this.#metrics.counter(
    'gateway_cams_contradictions_total',
    'CAMS responses whose Success contradicts their Code',
    { action: 'open' },
  );
  readonly camsShortPages = this.#metrics.counter(
    'gateway_cams_short_pages_total',
    'Pages for which CAMS returned fewer rows than requested although more exist',
  );
  readonly camsUnusableRows = this.#metrics.counter(
    'gateway_cams_unusable_rows_total',
    'Rows left out of a list because they have no usable ID, by action',
    { action: 'open' },
  );

  readonly cacheReads = this.#metrics.counter(
    'gateway_cache_reads_total',
    'Reads of a page of groups, by outcome (hit, stale, miss, collapsed: shared the list of another read, bypass, failed)',
    { outcome: CACHE_OUTCOMES },
  );
  readonly cacheBypasses = this.#metrics.counter(
    'gateway_cache_bypasses_total',
    'Reads that bypassed the cache, by reason (recent_write, unconfirmed_write: a write of this process that the cache has not confirmed, store_unavailable, slow_leader: another process listed the page for too long)',
    { reason: BYPASS_REASONS },
  );
  readonly foreignPages = this.#metrics.counter(
    'gateway_cache_foreign_pages_total',
    'Cached pages that were dropped because they were unreadable or belonged to another scope',
  );
  readonly unconfirmedScopes = this.#metrics.gauge(
    'gateway_cache_unconfirmed_scopes',
    'Business numbers with writes of this process that the cache has not confirmed',
  );
  readonly writesEnded = this.#metrics.counter(
    'gateway_writes_total',
    'Writes that CAMS has executed, by what the cache confirmed (coherent, bounded), and those that were not sent because it could not (refused)',
    { coherence: ['coherent', 'bounded', 'refused'] },
  );
  readonly idempotentWrites = this.#metrics.counter(
    'gateway_idempotent_writes_total',
    'Writes with an idempotency key, by outcome (executed, replayed, reconciled, unknown, in_flight, reused)',
    { outcome: ['executed', 'replayed', 'reconciled', 'unknown', 'in_flight', 'reused'] },
  );
  readonly createsPending = this.#metrics.gauge(
    'gateway_create_operations_pending',
    'Create operations whose group is being looked for, of all instances that share the state Redis',
  );
  readonly createsEnded = this.#metrics.counter(
    'gateway_create_operations_total',
    'Create operations that this process has ended, by state (succeeded, unresolved, or closed by a caller)',
    { state: ['succeeded', 'unresolved', 'closed'] },
  );

  readonly tenants = this.#metrics.gauge('gateway_tenants', 'Tenants of the tenants file in force');
  readonly tenantsReloads = this.#metrics.counter(
    'gateway_tenants_reloads_total',
    'Reloads of the tenants file, by outcome (applied, refused)',
    { outcome: ['applied', 'refused'] },
  );
  readonly tenantsReloadSuccessful = this.#metrics.gauge(
    'gateway_tenants_last_reload_successful',
    'Whether the tenants file as it is now is in force (1), or was refused (0)',
  );
  readonly authenticationFailures = this.#metrics.counter(
    'gateway_authentication_failures_total',
    'Rejected credentials, by kind (none, key, token, conflict, limited)',
    { kind: ['none', 'key', 'token', 'conflict', 'limited'] },
  );
  readonly auditFailures = this.#metrics.counter(
    'gateway_audit_failures_total',
    'Audit lines not confirmed to be in the audit file, by event (attempt, outcome, found)',
    { event: ['attempt', 'outcome', 'found'] },
  );
  readonly droppedLogLines = this.#metrics.counter(
    'gateway_log_lines_dropped_total',
    'Log lines dropped because standard output was read too slowly',
  );
  readonly redisUp = this.#metrics.gauge(
    'gateway_redis_up',
    'Share of usable masters (1 or 0, or between them in a Cluster), by connection (cache, state)',
    ['connection'],
  );
  readonly redisFailures = this.#metrics.counter(
    'gateway_redis_failures_total',
    'Redis scripts without a confirmed result, by connection (cache, state) and kind (down, timeout, refused)',
    { connection: ['cache', 'state'], kind: ['down', 'timeout', 'refused'] },
  );

  /** With `labelsTenant`, requests are also counted by tenant. */
  constructor(readonly labelsTenant = false) {
    this.httpRequests = this.#metrics.histogram<string>(
      'gateway_http_request_duration_seconds',
      `Request duration, by route template${labelsTenant ? ' and tenant' : ''}`,
      SHORT,
      ['method', 'route', 'status', ...(labelsTenant ? ['tenant'] : [])],
    );
    this.errors = this.#metrics.counter<string>(
      'gateway_errors_total',
      `Error responses, by error code${labelsTenant ? ' and tenant' : ''}`,
      { code: Object.keys(ERRORS), ...(labelsTenant && { tenant: [''] }) },
    );
    this.buildInfo.set({ version: packageVersion(), node: process.version }, 1);
    this.tenantsReloadSuccessful.set(1);
  }

  onTenantsRemoved({ accounts, tenants }: RemovedTenants): void {
    this.#metrics.removeGauges('account', accounts);
    this.#metrics.removeGauges('tenant', tenants);
  }
}
