import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GraphQLError } from 'graphql';
import { PROBLEM_MEDIA_TYPE, errorFields, errorHeaders, problem, shownDetail } from './problem-details.js';
import { bodyNotReceived, toGatewayError } from './foreign-errors.js';
import { type GatewayError, asGatewayError } from './gateway-error.js';
import { withoutStack } from './without-stack.js';
import { sendNotFoundPage } from './not-found-page.js';
import { loggedIfUnexpected } from './unexpected-error.js';
import type { GraphqlContext } from '../request/graphql-context.js';
import { isGraphql } from '../request/request-path.js';

const GRAPHQL_MEDIA_TYPE = 'application/graphql-response+json';

/** Handles the errors of Nest's pipelines, REST and GraphQL. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  catch(thrown: unknown, host: ArgumentsHost): unknown {
    if (host.getType<'http' | 'graphql'>() === 'graphql') {
      return this.ofField(thrown, host.getArgByIndex<GraphqlContext>(2).req);
    }
    const http = host.switchToHttp();
    sendThrown(thrown, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
    return undefined;
  }

  /** Returns the error for a GraphQL field whose resolver threw. */
  ofField(thrown: unknown, request: FastifyRequest): GraphQLError {
    const error = noted(thrown, request);
    request.gateway.limit ??= error.options.limit;
    return graphqlError(error, request.gateway.requestId);
  }
}

/** Sends the error that a hook or a handler threw. */
export function sendThrown(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
  let error: GatewayError;
  try {
    error = noted(thrown, request);
  } catch {
    // The thrown value cannot even be read.
    error = loggedIfUnexpected(asGatewayError(undefined), request.gateway.requestId);
  }
  sendError(error, request, reply);
}

function noted(thrown: unknown, { gateway, raw }: FastifyRequest): GatewayError {
  // The client left while it sent the body, which is not a fault of the gateway. Nobody will receive the error.
  const left = raw.destroyed && !raw.complete;
  const error = left ? bodyNotReceived() : loggedIfUnexpected(toGatewayError(thrown), gateway.requestId);
  const { replayed = false, upstreamRequestId } = error.options;
  // A write was sent. The calls that reconciled it have other upstream request ids, so report the write's own.
  if (replayed || error.code === 'OUTCOME_UNKNOWN') gateway.noteWrite({ replayed, upstreamRequestId });
  return error;
}

/** Sends an error in the format of the requested API, REST or GraphQL. */
export function sendError(error: GatewayError, request: FastifyRequest, reply: FastifyReply): void {
  // A response that has started cannot be replaced; Fastify closes the connection.
  if (reply.sent) return;
  const { requestId } = request.gateway;
  request.gateway.errorCode = error.code;
  request.gateway.refusedCredentials = error.options.refused;
  if (error.code === 'RATE_LIMITED') request.gateway.limitDetail = error.detail;
  request.gateway.limit = error.options.limit;
  const graphql = isGraphql(request);
  if (error.status === 404 && !graphql && sendNotFoundPage(request, reply)) return;
  const body = graphql ? { errors: [graphqlError(error, requestId).toJSON()] } : problem(error, requestId);
  void reply
    .code(error.status)
    .headers(errorHeaders(error))
    .type(graphql ? graphqlMediaType(request) : PROBLEM_MEDIA_TYPE)
    .send(JSON.stringify(body));
}

function graphqlError(error: GatewayError, requestId: string): GraphQLError {
  return withoutStack(
    () => new GraphQLError(shownDetail(error), { extensions: { ...errorFields(error, requestId) } }),
  );
}

function graphqlMediaType({ headers }: FastifyRequest): string {
  return headers.accept?.includes(GRAPHQL_MEDIA_TYPE)
    ? GRAPHQL_MEDIA_TYPE
    : 'application/json; charset=utf-8';
}
