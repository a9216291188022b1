import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Histogram } from 'prom-client';
import { Metrics } from './metrics.js';

/** Writes one log line and one measurement per request, with the route template: the URL contains phone numbers. */
@Injectable()
export class RequestLog {
  /** Histograms by labels. Looking them up in the metric each time would cost more than observing. */
  readonly #durations = new Map<string, Histogram.Internal<string>>();

  constructor(
    private readonly logger: Logger,
    private readonly metrics: Metrics,
  ) {}

  write(request: FastifyRequest, reply: FastifyReply): void {
    const { gateway, method } = request;
    const route = request.routeOptions.url ?? 'unknown';
    const durationMs = performance.now() - gateway.startedAtMs;
    const { errorCode: code, operation, tenantId, principal, cacheStatus, upstreamRequestId } = gateway;
    this.#duration(method, route, reply.statusCode).observe(durationMs / 1000);
    if (code !== undefined) this.metrics.errors.inc({ code });
    this.logger.info({
      requestId: gateway.requestId,
      method,
      route,
      status: reply.statusCode,
      durationMs: Math.round(durationMs * 10) / 10,
      tenant: tenantId,
      principal,
      operation,
      code,
      cacheStatus,
      upstreamRequestId,
      msg: 'request',
    });
  }

  #duration(method: string, route: string, status: number): Histogram.Internal<string> {
    const name = `${method} ${route} ${status}`;
    const known = this.#durations.get(name);
    if (known) return known;
    const duration = this.metrics.httpRequests.labels({ method, route, status });
    this.#durations.set(name, duration);
    return duration;
  }
}
