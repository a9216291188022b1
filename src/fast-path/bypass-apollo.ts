import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction, RouteOptions } from 'fastify';
import { responseMediaType } from '../graphql/response-media-type.js';
import { sendResult } from '../http/send-result.js';
import { isRecord } from '../util/is-record.js';
import type { Variables } from '../graphql/selected-operation.js';
import type { AdmittedQueries, QueryText } from './admitted-queries.plugin.js';
import type { QueryExecution } from './query-execution.js';

const FIELDS: ReadonlySet<string> = new Set(['query', 'operationName', 'variables']);

/**
 * Serves admitted queries as Apollo does, but without its pipeline, which costs more than the rest of a cached read.
 * Unusual requests are left to Apollo. Call it when the route is added.
 */
export function bypassApollo(route: RouteOptions, queries: AdmittedQueries, execution: QueryExecution): void {
  const respond = (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void => {
    const body = plainBody(request);
    const query = body && queries.find(body);
    const mediaType = query && responseMediaType(request);
    const prepared = query && execution.prepare(query, body.variables);
    if (!prepared || mediaType === undefined) return done();
    request.gateway.operation = prepared.query.label;
    void sendResult(() => execution.execute(prepared, { req: request, reply }), reply.type(mediaType));
  };
  route.preHandler = [route.preHandler ?? [], respond].flat();
}

/** Returns the body, or `undefined` if only Apollo can handle it. */
function plainBody({ method, body }: FastifyRequest): (QueryText & { variables: Variables }) | undefined {
  if (method !== 'POST' || !isRecord(body)) return undefined;
  for (const field in body) if (!FIELDS.has(field)) return undefined;
  const { query, operationName = null, variables } = body;
  if (typeof query !== 'string') return undefined;
  if (operationName !== null && (typeof operationName !== 'string' || operationName === '')) return undefined;
  return isRecord(variables ?? {}) ? { query, operationName, variables: Object(variables ?? {}) } : undefined;
}
