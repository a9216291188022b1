import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Config } from '../config/config.js';
import { GatewayError, validationFailed } from '../errors/gateway-error.js';
import { TenantRateLimit } from '../rate-limit/tenant-rate-limit.js';
import { parseIdempotencyKey } from '../request/idempotency-key.js';
import { isGraphql } from '../request/request-path.js';
import { Authenticator } from '../tenancy/auth/authenticator.js';
import { type MaybePromise, mapMaybePromise } from '../util/maybe-promise.js';
import { RouteTable, methodNotAllowed } from './route-table.js';

/** Common `Accept` headers, which need no parsing. */
const TAKES_JSON: ReadonlySet<string | undefined> = new Set([undefined, '*/*', 'application/json']);

const MAX_URL_CHARACTERS = 8 * 1024;

/** Decides which requests reach a handler: checks the request first, then the credentials, then the quota. */
@Injectable()
export class Admission {
  constructor(
    private readonly config: Config,
    private readonly routes: RouteTable,
    private readonly authenticator: Authenticator,
    private readonly rateLimit: TenantRateLimit,
  ) {}

  install(fastify: FastifyInstance): void {
    fastify.decorateRequest('principal', undefined);
    fastify.addHook('onRequest', (request, reply, done) => {
      const admitted = this.#admit(request, reply);
      // Fastify accepts either a promise or a call of `done`.
      if (!(admitted instanceof Promise)) done();
      return admitted;
    });
  }

  #admit(request: FastifyRequest, reply: FastifyReply): MaybePromise<void> {
    this.#refuseEarly(request);
    if (this.#isPublic(request)) return;
    refuseUnacceptable(request);
    return mapMaybePromise(this.#identify(request, reply), () => readIdempotencyKey(request));
  }

  #refuseEarly(request: FastifyRequest): void {
    if (request.url.length > MAX_URL_CHARACTERS) {
      throw new GatewayError('PAYLOAD_TOO_LARGE', 'The URL is longer than 8 KiB.', { status: 414 });
    }
    const queryByGet = isGraphql(request) && request.method !== 'POST' && !this.#asksForIde(request);
    if (queryByGet) throw methodNotAllowed(request, ['POST']);
    if (request.is404) this.routes.refuseOtherMethods(request);
  }

  #isPublic(request: FastifyRequest): boolean {
    if (request.is404 || request.routeOptions.config.public === true) return true;
    return isGraphql(request) && this.#asksForIde(request);
  }

  #asksForIde({ method, headers }: FastifyRequest): boolean {
    return this.config.graphql.ide && method === 'GET' && headers.accept?.includes('text/html') === true;
  }

  #identify(request: FastifyRequest, reply: FastifyReply): MaybePromise<void> {
    const { authorization, 'x-api-key': apiKey } = request.headers;
    const claimed = {
      authorization,
      apiKey: typeof apiKey === 'string' ? apiKey : undefined,
      address: request.ip,
    };
    return mapMaybePromise(this.authenticator.authenticate(claimed), (principal) => {
      request.principal = principal;
      request.gateway.tenantId = principal.tenant.id;
      request.gateway.principal = principal.id;
      return this.rateLimit.consume(principal.tenant, (headers) => void reply.headers(headers));
    });
  }
}

// Apollo checks the Accept header of GraphQL requests itself.
function refuseUnacceptable(request: FastifyRequest): void {
  if (isGraphql(request) || TAKES_JSON.has(request.headers.accept)) return;
  if (request.accepts().type(['application/json', 'application/problem+json'])) return;
  throw new GatewayError('NOT_ACCEPTABLE', 'The response is only available as application/json.');
}

function readIdempotencyKey(request: FastifyRequest): void {
  const { method, headers, gateway } = request;
  const header = headers['idempotency-key'];
  if (header === undefined || method === 'GET' || method === 'HEAD') return;
  // If the key were accepted but ignored, a retry would be a second write.
  if (isGraphql(request)) throw badKey('must be sent as idempotencyKey in the input of the mutation');
  const key = typeof header === 'string' ? parseIdempotencyKey(header) : undefined;
  if (key === undefined) throw badKey('must be 1–255 visible ASCII characters, bare or in quotes');
  gateway.idempotencyKey = key;
}

function badKey(message: string): GatewayError {
  return validationFailed([{ field: 'Idempotency-Key', message }]);
}
