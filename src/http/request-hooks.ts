import { Inject, Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { notFound } from '../errors/gateway-error.js';
import { assertFits } from '../errors/response-size.js';
import { currentRequest } from '../request/request-context.js';
import { RequestLog } from '../telemetry/request-log.js';
import { beginRequest, endRequest, isTracing } from '../tracing/tracing.js';
import { addFirstHeaders, addLastHeaders } from './common-headers.js';
import { RouteTable } from './route-table.js';
import { SECURITY_HEADERS } from './security-headers.js';

/** Gives every request its context and every response its headers and log line. */
@Injectable()
export class RequestHooks {
  constructor(
    private readonly routes: RouteTable,
    @Inject(SECURITY_HEADERS) private readonly headers: Readonly<Record<string, string>>,
    private readonly log: RequestLog,
  ) {}

  /** Installs the hooks. Must run before anything that may respond to a request, including preflights. */
  install(fastify: FastifyInstance): void {
    const { listener } = fastify;
    listener.headers = this.headers;
    if (isTracing())
      listener.onBegin = (context, { method, headers }) => beginRequest(context, method, headers);
    listener.onEnd = (ended) => {
      this.log.write(ended);
      endRequest(ended);
    };
    listener.onDrop = () => this.log.connectionRefused();
    fastify.addHook('onRequest', (request, reply, done) => {
      const { gateway } = request;
      gateway.route = request.routeOptions.url;
      addFirstHeaders(request, reply, this.headers);
      currentRequest.run(gateway, done);
    });
    fastify.addHook('onRequest', (request, _reply, done) => {
      if (request.method !== 'OPTIONS' || isPreflight(request)) return done();
      this.routes.refuseOtherMethods(request);
      throw notFound();
    });
    fastify.addHook('preSerialization', (_request, _reply, payload, done) => {
      assertFits(payload);
      done(null, payload);
    });
    fastify.addHook('onSend', (request, reply, _payload, done) => {
      addLastHeaders(request, reply);
      listener.beforeHeaders(reply);
      request.usage?.answered();
      done();
    });
  }
}

function isPreflight({ headers }: FastifyRequest): boolean {
  return headers.origin !== undefined && headers['access-control-request-method'] !== undefined;
}
