import { Inject, Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Config } from '../config/config.js';
import { notFound } from '../errors/gateway-error.js';
import { RequestContext, currentRequest } from '../request/request-context.js';
import { RouteTable } from './route-table.js';
import { SECURITY_HEADERS } from './security-headers.js';

/** Gives every request its context and headers. It must come before whatever may answer a request, preflights included. */
@Injectable()
export class RequestStart {
  constructor(
    private readonly config: Config,
    private readonly routes: RouteTable,
    @Inject(SECURITY_HEADERS) private readonly headers: Readonly<Record<string, string>>,
  ) {}

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
  }
}

function isPreflight({ headers }: FastifyRequest): boolean {
  return headers.origin !== undefined && headers['access-control-request-method'] !== undefined;
}
