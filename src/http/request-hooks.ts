import { Inject, Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Config } from '../config/config.js';
import { notFound } from '../errors/gateway-error.js';
import { RequestContext, currentRequest } from '../request/request-context.js';
import { RequestLog } from '../telemetry/request-log.js';
import { RouteTable } from './route-table.js';
import { SECURITY_HEADERS } from './security-headers.js';

/** Gives every request its context and every response its headers and log line. */
@Injectable()
export class RequestHooks {
  constructor(
    private readonly config: Config,
    private readonly routes: RouteTable,
    @Inject(SECURITY_HEADERS) private readonly headers: Readonly<Record<string, string>>,
    private readonly log: RequestLog,
  ) {}

  /** Installs the hooks. Must run before anything that may respond to a request, including preflights. */
  install(fastify: FastifyInstance): void {
    const { requestBudgetMs } = this.config.http;
    fastify.decorateRequest('gateway');
    fastify.addHook('onRequest', (request, reply, done) => {
      request.gateway = new RequestContext(request.id, requestBudgetMs);
      void reply.headers(this.headers).header('X-Request-Id', request.id);
      currentRequest.run(request.gateway, done);
    });
    fastify.addHook('onRequest', (request, _reply, done) => {
      if (request.method !== 'OPTIONS' || isPreflight(request)) return done();
      this.routes.refuseOtherMethods(request);
      throw notFound();
    });
    fastify.addHook('onSend', (request, reply, _payload, done) => {
      addHeaders(request, reply);
      done();
    });
    fastify.addHook('onResponse', (request, reply, done) => {
      this.log.write(request, reply);
      done();
    });
  }
}

function isPreflight({ headers }: FastifyRequest): boolean {
  return headers.origin !== undefined && headers['access-control-request-method'] !== undefined;
}

function addHeaders(request: FastifyRequest, reply: FastifyReply): void {
  if (!reply.hasHeader('Cache-Control')) {
    const read = (request.method === 'GET' || request.method === 'HEAD') && reply.statusCode < 400;
    void reply.header('Cache-Control', read ? 'private, no-cache' : 'no-store');
  }
  const { upstreamRequestId, idempotencyReplayed } = request.gateway;
  if (idempotencyReplayed) void reply.header('Idempotency-Replayed', 'true');
  if (upstreamRequestId !== undefined) void reply.header('X-Upstream-Request-Id', upstreamRequestId);
}
