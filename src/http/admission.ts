import { isIP } from 'node:net';
import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Config } from '../config/config.js';
import { GatewayError, clientLeft, validationFailed } from '../errors/gateway-error.js';
import { RequestUsage } from '../rate-limit/request-usage.js';
import { TenantConcurrency } from '../rate-limit/tenant-concurrency.js';
import { TenantRateLimit } from '../rate-limit/tenant-rate-limit.js';
import '../request/tenant-usage.js';
import { parseIdempotencyKey } from '../request/idempotency-key.js';
import { asksForIde } from '../request/ide-request.js';
import { producedTypes } from '../request/produced-types.js';
import { isGraphql } from '../request/request-path.js';
import type { Principal } from '../tenancy/principal.js';
import { Authenticator } from '../tenancy/auth/authenticator.js';
import { type MaybePromise, mapMaybePromise } from '../util/maybe-promise.js';
import { checkHeaders } from './header-rules.js';
import { refusePreconditions } from './preconditions.js';
import { GRAPHQL_METHODS, RouteTable } from './route-table.js';

const MAX_URL_CHARACTERS = 8 * 1024;

/** Decides which requests reach a handler: checks the request first, then the credentials, then the quota. */
@Injectable()
export class Admission {
  constructor(
    private readonly config: Config,
    private readonly routes: RouteTable,
    private readonly authenticator: Authenticator,
    private readonly rateLimit: TenantRateLimit,
    private readonly concurrency: TenantConcurrency,
  ) {}

  install(fastify: FastifyInstance): void {
    fastify.decorateRequest('principal', undefined);
    fastify.decorateRequest('usage', undefined);
    fastify.addHook('onRequest', (request, reply, done) => {
      const admitted = this.#admit(request, reply);
      // Fastify accepts either a promise or a call of `done`.
      if (admitted instanceof Promise) return unlessLeft(request, admitted);
      done();
      return undefined;
    });
  }

  #admit(request: FastifyRequest, reply: FastifyReply): MaybePromise<void> {
    const hasRepeatedCredentials = checkHeaders(request.raw);
    this.#refuseEarly(request);
    if (this.#isPublic(request)) return;
    return mapMaybePromise(this.#identify(request, reply, hasRepeatedCredentials), () => {
      // Parsing what a caller accepts costs more than most checks, so credentials come first.
      refuseUnacceptable(request);
      refusePreconditions(request);
      readIdempotencyKey(request);
    });
  }

  #refuseEarly(request: FastifyRequest): void {
    if (request.url.length > MAX_URL_CHARACTERS) {
      throw new GatewayError('PAYLOAD_TOO_LARGE', 'The URL is longer than 8 KiB.', { status: 414 });
    }
    // Fastify adds HEAD to every route with GET, but Apollo does not support it.
    const isOther = isGraphql(request) && !GRAPHQL_METHODS.includes(request.method);
    if (request.is404 || isOther) this.routes.refuseOtherMethods(request);
  }

  #isPublic(request: FastifyRequest): boolean {
    if (request.is404 || request.routeOptions.config.public === true) return true;
    return this.#asksForIde(request);
  }

  #enter(request: FastifyRequest, reply: FastifyReply, { tenant }: Principal): void {
    request.usage = new RequestUsage(tenant, this.concurrency.enter(tenant), this.rateLimit, reply);
  }

  #asksForIde(request: FastifyRequest): boolean {
    return this.config.graphql.ide && asksForIde(request);
  }

  #identify(request: FastifyRequest, reply: FastifyReply, areRepeated: boolean): MaybePromise<void> {
    const { authorization, 'x-api-key': apiKey } = request.headers;
    const claimed = {
      authorization,
      apiKey: typeof apiKey === 'string' ? apiKey : undefined,
      areRepeated,
      address: (request.gateway.address = addressOf(request)),
    };
    return mapMaybePromise(this.authenticator.authenticate(claimed), (principal) => {
      request.principal = principal;
      request.gateway.tenantId = principal.tenant.id;
      request.gateway.principal = principal.id;
      this.#enter(request, reply, principal);
      return this.rateLimit.consume(principal.tenant, (headers) => void reply.headers(headers));
    });
  }
}

/** Throws if the client leaves meanwhile: Fastify would wait for the end of its body forever. */
async function unlessLeft({ raw }: FastifyRequest, admitted: Promise<void>): Promise<void> {
  await admitted;
  if (raw.destroyed) throw clientLeft();
}

/** Returns the client's address. What a trusted proxy passes on can be any text, also after the `%` of an IPv6 zone. */
function addressOf(request: FastifyRequest): string {
  const { remoteAddress = '' } = request.raw.socket;
  // Typed as a string, but undefined once the client has left.
  const ip = request.ip as string | undefined;
  const [address = ''] = ip?.includes('%') ? ip.split('%', 1) : [ip];
  return address === remoteAddress || isIP(address) !== 0 ? address : remoteAddress;
}

// Apollo checks the Accept header of GraphQL requests itself.
function refuseUnacceptable(request: FastifyRequest): void {
  const { accept } = request.headers;
  // Common headers need no parsing.
  if (accept === undefined || accept === '*/*' || isGraphql(request)) return;
  const types = producedTypes(request);
  if (types.includes(accept) || request.accepts().type([...types])) return;
  throw new GatewayError('NOT_ACCEPTABLE', `The response is only available as ${types[0]}.`);
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
