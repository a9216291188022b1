import type { FastifyInstance, FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify';
import { LRUCache } from 'lru-cache';
import { sendResult } from './send-result.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { CompiledQueries, QueryText } from './compiled-queries.js';
import { ResponseMemo } from './response-memo.js';
import type { FastResolvers } from './resolved-query.js';
import { isRecord } from '../util/is-record.js';

/** A body with nothing in it that only Apollo knows how to treat. */
interface PlainBody extends QueryText {
  readonly variables: Readonly<Record<string, unknown>> | null | undefined;
}

const FIELDS: ReadonlySet<string> = new Set(['query', 'operationName', 'variables']);
const MEDIA_TYPES = ['application/json; charset=utf-8', 'application/graphql-response+json; charset=utf-8'];
const MAX_ACCEPTS = 1_000;
const MAX_ACCEPT_CHARACTERS = 200;

/**
 * Answers queries that Apollo has admitted before, as Apollo would, without its pipeline: that costs more than all the
 * rest of a cached read. Whatever is unusual about a request is left to Apollo. To be called before the routes are made.
 */
export function answerKnownQueries(
  fastify: FastifyInstance,
  queries: CompiledQueries,
  direct: FastResolvers,
  metrics: Metrics,
): void {
  const mediaTypes = new LRUCache<string, string>({ max: MAX_ACCEPTS });
  const answers = new ResponseMemo(direct);
  const count = metrics.graphqlOperations.labels({ path: 'compiled', operation: 'query' });

  const answer = (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void => {
    const body = plainBody(request);
    const admitted = body && queries.find(body);
    const mediaType = admitted?.alwaysWithinLimits ? negotiated(request) : undefined;
    if (!admitted || mediaType === undefined) return done();
    request.gateway.operation = admitted.label;
    const answering = answers.answer(admitted.compiled, { req: request, reply }, body?.variables ?? {});
    if (!answering) return done();
    count.inc();
    void sendResult(() => answering, reply.type(mediaType));
  };

  const negotiated = (request: FastifyRequest): string | undefined => {
    const { accept = '' } = request.headers;
    const known = mediaTypes.get(accept);
    // With this one Apollo may answer by calling back.
    if (known !== undefined || /callbackspec/i.test(accept)) return known;
    const preferred = accept === '' ? MEDIA_TYPES[0] : request.accepts().type(MEDIA_TYPES);
    if (typeof preferred !== 'string') return undefined;
    if (accept.length <= MAX_ACCEPT_CHARACTERS) mediaTypes.set(accept, preferred);
    return preferred;
  };

  fastify.addHook('onRoute', (route) => {
    if (route.url === '/graphql') route.preHandler = [route.preHandler ?? [], answer].flat();
  });
}

function plainBody({ method, body }: FastifyRequest): PlainBody | undefined {
  if (method !== 'POST' || !isRecord(body)) return undefined;
  for (const field in body) if (!FIELDS.has(field)) return undefined;
  const { query, operationName, variables } = body;
  if (typeof query !== 'string') return undefined;
  if (operationName !== null && operationName !== undefined && typeof operationName !== 'string')
    return undefined;
  if (variables !== null && variables !== undefined && !isRecord(variables)) return undefined;
  return { query, operationName, variables };
}
