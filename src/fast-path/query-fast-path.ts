import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction, RouteOptions } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { Metrics } from '../telemetry/metrics.js';
import { isRecord } from '../util/is-record.js';
import type { AdmittedQueries, QueryText } from './admitted-queries.js';
import type { QueryExecution } from './query-execution.js';
import { sendResult } from './send-result.js';

/** A body with nothing in it that only Apollo knows how to treat. */
interface PlainBody extends QueryText {
  readonly variables: Readonly<Record<string, unknown>> | null | undefined;
}

const FIELDS: ReadonlySet<string> = new Set(['query', 'operationName', 'variables']);
const MEDIA_TYPES = ['application/json; charset=utf-8', 'application/graphql-response+json; charset=utf-8'];
const MAX_ACCEPTS = 1_000;
const MAX_ACCEPT_CHARACTERS = 200;

/**
 * Answers admitted queries as Apollo would, without its pipeline, which costs more than all the rest of a cached read.
 * Whatever is unusual about a request is left to Apollo. To be called when its route is made.
 */
export function bypassApollo(
  route: RouteOptions,
  queries: AdmittedQueries,
  execution: QueryExecution,
  { graphqlOperations }: Metrics,
): void {
  const negotiated = mediaTypes();
  const counts = {
    compiled: graphqlOperations.labels({ path: 'compiled', operation: 'query' }),
    interpreted: graphqlOperations.labels({ path: 'interpreted', operation: 'query' }),
  };

  const respond = (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void => {
    const body = plainBody(request);
    const query = body && queries.find(body);
    const mediaType = query && negotiated(request);
    const prepared =
      mediaType === undefined ? undefined : query && execution.prepare(query, body?.variables ?? {});
    if (!query || !prepared || mediaType === undefined) return done();
    request.gateway.operation = query.label;
    const executed = async (): Promise<Buffer> => {
      const { path, body: response } = await execution.execute(prepared, { req: request, reply });
      counts[path].inc();
      return response;
    };
    void sendResult(executed, reply.type(mediaType));
  };

  route.preHandler = [route.preHandler ?? [], respond].flat();
}

/** The media type of a response, as Apollo negotiates it; `undefined` where it has to. */
function mediaTypes(): (request: FastifyRequest) => string | undefined {
  const known = new LRUCache<string, string>({ max: MAX_ACCEPTS });
  return (request) => {
    const { accept = '' } = request.headers;
    const found = known.get(accept);
    // With this one Apollo may answer by calling back.
    if (found !== undefined || /callbackspec/i.test(accept)) return found;
    const preferred = accept === '' ? MEDIA_TYPES[0] : request.accepts().type(MEDIA_TYPES);
    if (typeof preferred !== 'string') return undefined;
    if (accept.length <= MAX_ACCEPT_CHARACTERS) known.set(accept, preferred);
    return preferred;
  };
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
