import { Module, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  RouteOptions,
  onSendHookHandler as OnSend,
  preValidationHookHandler as PreValidation,
} from 'fastify';
import { refuseShape } from './document-guard.js';
import { LoadShedding } from '../telemetry/load-shedding.js';
import { endOperation, inOperation, isTracing } from '../tracing/tracing.js';
import { readGraphqlRequest } from './graphql-request.js';
import { PersistedQueries } from './persisted-queries.js';
import { RequestedDocuments } from './requested-document.js';
import { serveSchema } from './schema-route.js';
import { TrustedDocuments } from './trusted-documents.js';

/** Parsing and validating a longer document may take milliseconds. */
const BRIEF_CHARACTERS = 1_000;

/** Reads the requests to `/graphql` before the fast path or Apollo executes them, and serves the schema. */
@Module({ providers: [PersistedQueries, TrustedDocuments, RequestedDocuments], exports: [PersistedQueries] })
export class GraphqlRequestsModule implements OnModuleInit {
  readonly #fastify: FastifyInstance;

  /** The hook must be added before any route. */
  constructor(
    { httpAdapter }: HttpAdapterHost,
    documents: RequestedDocuments,
    shedding: LoadShedding,
    private readonly app: ModuleRef,
  ) {
    this.#fastify = httpAdapter.getInstance();
    this.#fastify.decorateRequest('graphql', undefined);
    this.#fastify.addHook('onRoute', (route) => {
      if (route.url === '/graphql') addHooks(route, documents, shedding);
    });
  }

  onModuleInit(): void {
    // The schema is built later.
    serveSchema(this.#fastify, () => this.app.get(GraphQLSchemaHost, { strict: false }).schema);
  }
}

/** Both paths, Apollo and the fast path, run within the span of the operation. */
function traceOperations(route: RouteOptions): void {
  const begin: PreValidation = (request, _reply, done) => inOperation(request.gateway, done);
  const end: OnSend = (request, _reply, _payload, done) => {
    endOperation(request.gateway);
    done();
  };
  route.preValidation = [begin, route.preValidation ?? []].flat();
  route.onSend = [route.onSend ?? [], end].flat();
}

function addHooks(route: RouteOptions, documents: RequestedDocuments, shedding: LoadShedding): void {
  const read: PreValidation = (request, _reply, done) => {
    request.graphql = readGraphqlRequest(request, documents);
    done();
  };
  route.preValidation = [route.preValidation ?? [], read].flat();
  if (isTracing()) traceOperations(route);
  // Not a hook: the fast path responds in one, and its documents have been checked.
  const { handler } = route;
  route.handler = async function (this: FastifyInstance, request: FastifyRequest, reply: FastifyReply) {
    if (request.graphql) {
      if (request.graphql.query.length > BRIEF_CHARACTERS) await shedding.turn(request.gateway);
      refuseShape(request.graphql.query);
    }
    // Apollo's integration reads the query string from a URL that it builds with them, and they may be anything.
    Object.defineProperties(request, { protocol: { value: 'http' }, hostname: { value: 'gateway' } });
    return handler.call(this, request, reply);
  };
}
