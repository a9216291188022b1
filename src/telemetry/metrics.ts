import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** The gateway's metrics in their own registry, so that several gateways can run in one test process. */
@Injectable()
export class Metrics {
  readonly registry = new Registry();

  readonly httpRequests = this.#histogram(
    'gateway_http_request_duration_seconds',
    'Request duration, by route template',
    ['method', 'route', 'status'],
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20],
  );
  readonly connectionsRefused = this.#counter(
    'gateway_connections_refused_total',
    'Connections to the public listener that were closed because MAX_CONNECTIONS were open',
    [],
  );
  readonly errors = this.#counter('gateway_errors_total', 'Error responses, by error code', ['code']);
  readonly graphqlOperations = this.#counter(
    'gateway_graphql_operations_total',
    'Executed GraphQL operations, by path (compiled: as a function compiled from the document; interpreted: by graphql-js) and operation (query, mutation)',
    ['path', 'operation'],
  );
  /** Queries in {@link graphqlOperations}. Looking up the labels each time would cost more than counting. */
  readonly graphqlQueries = {
    compiled: this.graphqlOperations.labels({ path: 'compiled', operation: 'query' }),
    interpreted: this.graphqlOperations.labels({ path: 'interpreted', operation: 'query' }),
  };
  readonly camsCalls = this.#histogram(
    'gateway_cams_call_duration_seconds',
    'Duration of a CAMS call, by action and outcome',
    ['action', 'outcome'],
    [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  );
  readonly camsAccountReady = this.#gauge(
    'gateway_cams_account_ready',
    'Whether the latest check found that CAMS accepts calls for the account (1 or 0), by account of the tenants file',
    ['account'],
  );
  readonly camsUnderWay = this.#gauge('gateway_cams_calls_under_way', 'CAMS calls in flight');
  readonly camsWaiting = this.#gauge('gateway_cams_calls_waiting', 'CAMS calls waiting for a permit');
  readonly camsContradictions = this.#counter(
    'gateway_cams_contradictions_total',
    'CAMS responses whose Success contradicts their Code',
    ['action'],
  );
  readonly camsShortPages = this.#counter(
    'gateway_cams_short_pages_total',
    'Pages for which CAMS returned fewer rows than requested although more exist',
    [],
  );
  readonly camsUnusableRows = this.#counter(
    'gateway_cams_unusable_rows_total',
    'Rows left out of a list because they have no usable ID, by action',
    ['action'],
  );
  readonly droppedLogLines = this.#counter(
    'gateway_log_lines_dropped_total',
    'Log lines dropped because standard output was read too slowly',
    [],
  );
  readonly foreignPages = this.#counter(
    'gateway_cache_foreign_pages_total',
    'Cached pages that were dropped because they were unreadable or belonged to another scope',
    [],
  );
  readonly idempotentWrites = this.#counter(
    'gateway_idempotent_writes_total',
    'Writes with an idempotency key, by outcome (executed, replayed, reconciled, unknown, in_flight, reused)',
    ['outcome'],
  );
  readonly tenantsReloads = this.#counter(
    'gateway_tenants_reloads_total',
    'Reloads of the tenants file, by outcome (applied, refused)',
    ['outcome'],
  );
  readonly authenticationFailures = this.#counter(
    'gateway_authentication_failures_total',
    'Rejected credentials, by kind (none, key, token, conflict, limited)',
    ['kind'],
  );

  readonly redisUp = this.#gauge(
    'gateway_redis_up',
    'Share of usable masters (1 or 0, or between them in a Cluster), by connection (cache, state)',
    ['connection'],
  );
  readonly redisFailures = this.#counter(
    'gateway_redis_failures_total',
    'Redis scripts without a confirmed result, by connection (cache, state) and kind (down, timeout, refused)',
    ['connection', 'kind'],
  );

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  #counter<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #gauge<Label extends string>(name: string, help: string, labelNames: readonly Label[] = []): Gauge<Label> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  #histogram<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    buckets: number[],
  ): Histogram<Label> {
    return new Histogram({ name, help, labelNames, buckets, registers: [this.registry] });
  }
}
