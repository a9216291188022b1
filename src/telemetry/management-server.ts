import type { IncomingMessage, RequestListener } from 'node:http';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { loggedIfUnexpected } from '../errors/unexpected-error.js';
import { toGatewayError } from '../errors/foreign-errors.js';
import { notFound } from '../errors/gateway-error.js';
import { PROBLEM_MEDIA_TYPE, errorHeaders, problem } from '../errors/problem-details.js';
import { type EndedRequest, HttpListener, contextOf } from '../listeners/http-listener.js';
import { originForm } from '../request/request-path.js';

/** Enough for all monitoring; a flood must not take descriptors from the public listener. */
const MAX_CONNECTIONS = 100;
/** Nothing here takes long. */
const REQUEST_BUDGET_MS = 5_000;
const HEADERS = { 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store' };

/** Creates a server without routes whose errors are those of the catalogue. */
export function managementServer(onEnd: (ended: EndedRequest) => void): FastifyInstance {
  const listener = new HttpListener({ maxConnections: MAX_CONNECTIONS, requestBudgetMs: REQUEST_BUDGET_MS });
  listener.headers = HEADERS;
  listener.onEnd = onEnd;
  const server: FastifyInstance = fastify({
    forceCloseConnections: true,
    rewriteUrl: ({ url = '/' }) => originForm(url),
    serverFactory: (handle: RequestListener) => listener.create(handle),
    genReqId: (request: IncomingMessage) => contextOf(request).requestId,
    clientErrorHandler: (error, socket) => listener.refuseUnreadable(error, socket),
    frameworkErrors: sendError,
  });
  server.addHook('onRequest', (request, reply, done) => {
    contextOf(request.raw).route = request.routeOptions.url;
    void reply.headers(HEADERS).header('X-Request-Id', request.id);
    done();
  });
  server.addHook('onSend', (_request, reply, _payload, done) => {
    listener.beforeHeaders(reply);
    done();
  });
  server.setNotFoundHandler((request, reply) => sendError(notFound(), request, reply));
  server.setErrorHandler(sendError);
  return server;
}

function sendError(thrown: unknown, { raw }: FastifyRequest, reply: FastifyReply): void {
  const context = contextOf(raw);
  const error = loggedIfUnexpected(toGatewayError(thrown), context.requestId);
  context.noteError(error.code, error.status);
  void reply
    .code(error.status)
    .headers({ ...HEADERS, 'X-Request-Id': context.requestId, ...errorHeaders(error) })
    .type(PROBLEM_MEDIA_TYPE)
    .send(JSON.stringify(problem(error, context.requestId)));
}
