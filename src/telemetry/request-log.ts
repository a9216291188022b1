import { Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import type { Histogram } from 'prom-client';
import { CLIENT_LEFT, type EndedRequest } from '../listeners/http-listener.js';
import { MINUTE_MS } from '../util/durations.js';
import { traceIds } from '../tracing/tracing.js';
import { Metrics } from './metrics.js';

/** Each tenant with a label of its own takes some hundred series. The requests of further ones are counted together. */
const MAX_TENANTS = 100;
const OTHER_TENANTS = 'other';

interface Duration {
  readonly method: string;
  readonly status: number;
  readonly duration: Histogram.Internal<string>;
}

/**
 * Writes one log line and one measurement per request, with the route template: the URL contains phone numbers. The line
 * also says why credentials were refused, so that a flood of refusals adds no lines.
 */
@Injectable()
export class RequestLog {
  /** Histograms by route. Looking them up in the metric each time would cost more than observing. */
  readonly #durations = new Map<string, Duration[]>();
  readonly #labelledTenants = new Set<string>();
  #unreported = 0;
  #quietUntilMs = 0;

  constructor(
    private readonly logger: Logger,
    private readonly metrics: Metrics,
  ) {}

  /** Writes the line of a request to the public listener. */
  write({ context, method, status, clientLeft }: EndedRequest): void {
    const { route = 'unknown', operation, tenantId, principal, cacheStatus, upstreamRequestId } = context;
    const durationMs = performance.now() - context.startedAtMs;
    // Nobody received the error of a read whose client left.
    const code = status === CLIENT_LEFT ? undefined : context.errorCode;
    const tenant = this.#tenantLabel(tenantId);
    this.#duration(method, route, status, tenant).observe(durationMs / 1000);
    const { refusedCredentials: refused, limit, limitDetail } = context;
    if (code !== undefined) this.metrics.errors.inc({ code, ...(tenant !== undefined && { tenant }) });
    if (limit !== undefined && code !== undefined) this.metrics.rateLimited.inc({ limit });
    // To find and block whoever guesses or floods.
    const address = code === 'UNAUTHENTICATED' || limitDetail !== undefined ? context.address : undefined;
    // A GraphQL response has status 200 even if CAMS failed.
    const isWarning = status >= 500 || (context.hasServerError && status !== CLIENT_LEFT);
    this.logger[isWarning ? 'warn' : 'info']({
      requestId: context.requestId,
      callerRequestId: context.callerRequestId,
      ...traceIds(context.span),
      method,
      route,
      status,
      clientLeft: clientLeft || undefined,
      durationMs: Math.round(durationMs * 10) / 10,
      tenant: tenantId,
      principal,
      operation,
      code,
      limit,
      limitDetail,
      address,
      credentialFault: refused?.fault,
      credentialKind: refused?.kind,
      keyId: refused?.keyId,
      cacheStatus,
      upstreamRequestId,
      msg: 'request',
    });
  }

  /** Writes the line of a request to the management listener. Health checks and scrapes have one at level `debug` only. */
  writeManagement({ context, method, status, clientLeft }: EndedRequest): void {
    const durationMs = performance.now() - context.startedAtMs;
    const { requestId, callerRequestId, route = 'unknown', errorCode: code } = context;
    this.logger[code === undefined && !clientLeft ? 'debug' : 'info']({
      listener: 'management',
      requestId,
      callerRequestId,
      method,
      route,
      status,
      clientLeft: clientLeft || undefined,
      durationMs: Math.round(durationMs * 10) / 10,
      code,
      msg: 'request',
    });
  }

  /** Counts a connection that was closed because of `MAX_CONNECTIONS`, and warns at most once a minute. */
  connectionRefused(): void {
    this.metrics.connectionsRefused.inc();
    this.#unreported += 1;
    const nowMs = performance.now();
    if (nowMs < this.#quietUntilMs) return;
    this.#quietUntilMs = nowMs + MINUTE_MS;
    this.logger.warn(
      { connections: this.#unreported },
      'closed connections because MAX_CONNECTIONS were open',
    );
    this.#unreported = 0;
  }

  /** Returns `undefined` without METRICS_TENANT_LABEL, and an empty label for a request without a tenant. */
  #tenantLabel(tenantId: string | undefined): string | undefined {
    if (!this.metrics.labelsTenant) return undefined;
    if (tenantId === undefined || this.#labelledTenants.has(tenantId)) return tenantId ?? '';
    if (this.#labelledTenants.size >= MAX_TENANTS) return OTHER_TENANTS;
    this.#labelledTenants.add(tenantId);
    return tenantId;
  }

  #duration(
    method: string,
    route: string,
    status: number,
    tenant: string | undefined,
  ): Histogram.Internal<string> {
    const name = tenant === undefined ? route : `${route} ${tenant}`;
    let durations = this.#durations.get(name);
    if (!durations) this.#durations.set(name, (durations = []));
    const known = durations.find((entry) => entry.status === status && entry.method === method);
    if (known) return known.duration;
    const labels = { method, route, status, ...(tenant !== undefined && { tenant }) };
    const duration = this.metrics.httpRequests.labels(labels);
    durations.push({ method, status, duration });
    return duration;
  }
}
