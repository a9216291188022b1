import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { parseIdempotencyKey } from '../request/idempotency-key.js';
import { GatewayError, notFound, validationFailed } from '../errors/gateway-error.js';
import { RequestContext, currentRequest } from '../request/request-context.js';
import { type MaybePromise, mapMaybePromise } from '../util/maybe-promise.js';
import { isGraphql, pathOf } from '../request/request-path.js';
import type { Config } from '../config/config.js';
import type { TenantRateLimit } from '../rate-limit/tenant-rate-limit.js';
import type { RequestLog } from '../telemetry/request-log.js';
import type { Authenticator } from '../tenancy/auth/authenticator.js';
import type { RouteTable } from './route-table.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Served to everybody, without credentials. */
    public?: boolean;
  }
}

/** What most callers send; others are read by the rules. */
const TAKES_JSON: ReadonlySet<string | undefined> = new Set([undefined, '*/*', 'application/json']);

const MAX_URL_CHARACTERS = 8 * 1024;

interface Services {
  readonly config: Config;
  readonly routes: RouteTable;
  readonly authenticator: Authenticator;
  readonly rateLimit: TenantRateLimit;
  readonly log: RequestLog;
}

/** Gives every request its context. It must come before whatever may answer a request, preflights included. */
export function installRequestContext(
  fastify: FastifyInstance,
  { config, routes }: Pick<Services, 'config' | 'routes'>,
  securityHeaders: Readonly<Record<string, string>>,
): void {
  fastify.decorateRequest('gateway');
  fastify.addHook('onRequest', (request, reply, done) => {
    request.gateway = new RequestContext(request.id, config.http.requestBudgetMs);
    void reply.headers(securityHeaders).header('X-Request-Id', request.id);
    currentRequest.run(request.gateway, done);
  });
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (request.method !== 'OPTIONS' || isPreflight(request)) return done();
    refuseMethod(request, routes);
    throw notFound();
  });
}

/** What happens to every request before and after Nest: refusals, credentials, quota, headers, log line. */
export function installRequestHooks(fastify: FastifyInstance, services: Services): void {
  fastify.decorateRequest('principal', undefined);
  fastify.addHook('onRequest', (request, reply, done) => {
    const admitted = admit(request, reply, services);
    // Fastify takes either a promise or the call.
    if (!(admitted instanceof Promise)) done();
    return admitted;
  });
  fastify.addHook('onSend', (request, reply, _payload, done) => {
    answerHeaders(request, reply);
    done();
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    services.log.write(request, reply);
    done();
  });
}

function admit(request: FastifyRequest, reply: FastifyReply, services: Services): MaybePromise<void> {
  refuseEarly(request, services);
  if (isPublic(request, services.config)) return;
  refuseUnacceptable(request);
  return mapMaybePromise(identify(request, reply, services), () => readIdempotencyKey(request));
}

function refuseEarly(request: FastifyRequest, { config, routes }: Services): void {
  if (request.url.length > MAX_URL_CHARACTERS) {
    throw new GatewayError('PAYLOAD_TOO_LARGE', 'The URL is longer than 8 KiB.', { status: 414 });
  }
  const queryByGet = isGraphql(request) && request.method !== 'POST' && !asksForIde(request, config);
  if (queryByGet) throw methodNotAllowed(request, ['POST']);
  if (request.is404) refuseMethod(request, routes);
}

/** Throws `METHOD_NOT_ALLOWED` if the path is served for other methods; an unknown path is left to Nest. */
function refuseMethod(request: FastifyRequest, routes: RouteTable): void {
  const allow = isGraphql(request) ? ['POST'] : routes.allowed(pathOf(request));
  if (allow.length > 0) throw methodNotAllowed(request, allow);
}

function methodNotAllowed({ method }: FastifyRequest, allow: readonly string[]): GatewayError {
  return new GatewayError('METHOD_NOT_ALLOWED', `${method} is not allowed here.`, { allow });
}

function isPreflight({ headers }: FastifyRequest): boolean {
  return headers.origin !== undefined && headers['access-control-request-method'] !== undefined;
}

function isPublic(request: FastifyRequest, config: Config): boolean {
  if (request.is404 || request.routeOptions.config.public === true) return true;
  return isGraphql(request) && asksForIde(request, config);
}

function asksForIde({ method, headers }: FastifyRequest, { graphql }: Config): boolean {
  return graphql.ide && method === 'GET' && headers.accept?.includes('text/html') === true;
}

// Apollo judges the Accept header of GraphQL requests itself.
function refuseUnacceptable(request: FastifyRequest): void {
  if (isGraphql(request) || TAKES_JSON.has(request.headers.accept)) return;
  if (request.accepts().type(['application/json', 'application/problem+json'])) return;
  throw new GatewayError('NOT_ACCEPTABLE', 'The answer can only be application/json.');
}

function identify(
  request: FastifyRequest,
  reply: FastifyReply,
  { authenticator, rateLimit }: Services,
): MaybePromise<void> {
  const { authorization, 'x-api-key': apiKey } = request.headers;
  const claimed = {
    authorization,
    apiKey: typeof apiKey === 'string' ? apiKey : undefined,
    address: request.ip,
  };
  return mapMaybePromise(authenticator.authenticate(claimed), (principal) => {
    request.principal = principal;
    request.gateway.tenantId = principal.tenant.id;
    request.gateway.principal = principal.id;
    return rateLimit.consume(principal.tenant, (headers) => void reply.headers(headers));
  });
}

function readIdempotencyKey(request: FastifyRequest): void {
  const { method, headers, gateway } = request;
  const header = headers['idempotency-key'];
  if (header === undefined || method === 'GET' || method === 'HEAD') return;
  // A key that was accepted and then ignored would make its retry a second write.
  if (isGraphql(request)) throw badKey('belongs in the input of the mutation: idempotencyKey');
  const key = typeof header === 'string' ? parseIdempotencyKey(header) : undefined;
  if (key === undefined) throw badKey('must be 1–255 visible ASCII characters, bare or in quotes');
  gateway.idempotencyKey = key;
}

function badKey(message: string): GatewayError {
  return validationFailed([{ field: 'Idempotency-Key', message }]);
}

function answerHeaders(request: FastifyRequest, reply: FastifyReply): void {
  if (!reply.hasHeader('Cache-Control')) {
    const read = (request.method === 'GET' || request.method === 'HEAD') && reply.statusCode < 400;
    void reply.header('Cache-Control', read ? 'private, no-cache' : 'no-store');
  }
  const { upstreamRequestId, idempotencyReplayed } = request.gateway;
  if (idempotencyReplayed) void reply.header('Idempotency-Replayed', 'true');
  if (upstreamRequestId !== undefined) void reply.header('X-Upstream-Request-Id', upstreamRequestId);
}
