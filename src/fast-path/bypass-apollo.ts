import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction, RouteOptions } from 'fastify';
import { costExtension, wantsCost } from '../graphql/cost-extension.plugin.js';
import { judgedCost } from '../graphql/document-cost.js';
import { responseMediaType } from '../graphql/response-media-type.js';
import { sendResult } from '../http/send-result.js';
import { isRecord } from '../util/is-record.js';
import type { Variables } from '../graphql/selected-operation.js';
import type { AdmittedQueries, QueryText } from './admitted-queries.plugin.js';
import type { QueryExecution } from './query-execution.js';

/**
 * Serves admitted queries as Apollo does, but without its pipeline, which costs more than the rest of a cached read.
 * Unusual requests are left to Apollo. Call it when the route is added.
 */
export function bypassApollo(route: RouteOptions, queries: AdmittedQueries, execution: QueryExecution): void {
  const handle = (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void => {
    const asked = plain(request);
    const query = asked && queries.find(asked);
    const mediaType = query && responseMediaType(request);
    const prepared = query && execution.prepare(request.gateway.tenantId ?? '', query, asked.variables);
    if (!prepared || mediaType === undefined) return done();
    request.gateway.noteOperation('query', prepared.query.label);
    const cost = wantsCost(request) ? costExtension(judgedCost(query, asked.variables)) : undefined;
    const execute = (): Promise<Buffer> => execution.execute(prepared, { req: request, reply });
    const respond = async (): Promise<Buffer> => {
      if (prepared.places > 1) await request.usage?.countAs(prepared);
      return cost ? withExtensions(await execute(), cost) : execute();
    };
    void sendResult(prepared.places === 1 && !cost ? execute : respond, reply.type(mediaType));
  };
  route.preHandler = [route.preHandler ?? [], handle].flat();
}

/** Returns the request, or `undefined` if only Apollo can handle it. */
function plain({ graphql }: FastifyRequest): (QueryText & { variables: Variables }) | undefined {
  // Apollo stores the document of a new persisted query.
  if (!graphql || graphql.sha256 !== undefined) return undefined;
  const { query, operationName = null, variables } = graphql;
  if (operationName !== null && (typeof operationName !== 'string' || operationName === '')) return undefined;
  return isRecord(variables ?? {}) ? { query, operationName, variables: Object(variables ?? {}) } : undefined;
}

/** Appends `extensions` to a response, which may be memoized for clients that do not ask for them. */
function withExtensions(body: Buffer, extensions: object): Buffer {
  const end = body.lastIndexOf('}');
  return Buffer.concat([
    body.subarray(0, end),
    Buffer.from(`,"extensions":${JSON.stringify(extensions)}}\n`),
  ]);
}
