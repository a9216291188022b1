import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** The process's metrics in one registry of its own, so that several gateways can live in one test process. */
@Injectable()
export class Metrics {
  readonly registry = new Registry();

  readonly httpRequests = this.#histogram(
    'gateway_http_request_duration_seconds',
    'Time to answer a request, by route template',
    ['method', 'route', 'status'],
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20],
  );
  readonly errors = this.#counter('gateway_errors_total', 'Errors answered, by code of the catalogue', [
    'code',
  ]);
  readonly graphqlOperations = this.#counter(
    'gateway_graphql_operations_total',
    'Operations executed, by path (compiled: as a function made of the document; interpreted: by graphql-js) and operation (query, mutation)',
    ['path', 'operation'],
  );
  /** Queries in {@link graphqlOperations}: looking up labels each time costs more than to count. */
  readonly graphqlQueries = {
    compiled: this.graphqlOperations.labels({ path: 'compiled', operation: 'query' }),
    interpreted: this.graphqlOperations.labels({ path: 'interpreted', operation: 'query' }),
  };
  readonly camsCalls = this.#histogram(
    'gateway_cams_call_duration_seconds',
    'Time of one call to CAMS, by action and outcome',
    ['action', 'outcome'],
    [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  );
  readonly camsUnderWay = this.#gauge('gateway_cams_calls_under_way', 'Calls to CAMS under way');
  readonly camsWaiting = this.#gauge(
    'gateway_cams_calls_waiting',
    'Calls that wait for a permit to go to CAMS',
  );
  readonly camsContradictions = this.#counter(
    'gateway_cams_contradictions_total',
    'Answers whose Success contradicts their Code',
    ['action'],
  );
  readonly camsShortPages = this.#counter(
    'gateway_cams_short_pages_total',
    'Pages that CAMS answered with fewer rows than were asked for and exist',
    [],
  );
  readonly droppedLogLines = this.#counter(
    'gateway_log_lines_dropped_total',
    'Log lines that nobody read in time',
    [],
  );
  readonly foreignPages = this.#counter(
    'gateway_cache_foreign_pages_total',
    'Pages found in the cache that are of another scope or unreadable, and were dropped',
    [],
  );
  readonly idempotentWrites = this.#counter(
    'gateway_idempotent_writes_total',
    'Writes with a key, by what became of the request (executed, replayed, reconciled, unknown, in_flight, reused)',
    ['outcome'],
  );
  readonly tenantsReloads = this.#counter(
    'gateway_tenants_reloads_total',
    'Reloads of the tenants file, by outcome (applied, refused)',
    ['outcome'],
  );
  readonly authenticationFailures = this.#counter(
    'gateway_authentication_failures_total',
    'Refused credentials, by kind (none, key, token, conflict, limited)',
    ['kind'],
  );

  readonly redisUp = this.#gauge(
    'gateway_redis_up',
    'Share of the masters that can be used: 1 or 0, and between them in a Cluster; by connection (cache, state)',
    ['connection'],
  );
  readonly redisFailures = this.#counter(
    'gateway_redis_failures_total',
    'Scripts that Redis did not confirm, by connection (cache, state) and kind (down, timeout, refused)',
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
