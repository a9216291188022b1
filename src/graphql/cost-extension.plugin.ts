import type { ApolloServerPlugin } from '@apollo/server';
import type { FastifyRequest } from 'fastify';
import type { GraphqlContext } from '../request/graphql-context.js';
import { type JudgedCost, MAX_RESPONSE_BYTES, MAX_UPSTREAM_CALLS, judgedCost } from './document-cost.js';

interface CostExtension {
  readonly cost: {
    readonly upstreamCalls: number;
    readonly maxUpstreamCalls: number;
    readonly responseBytes: number;
    readonly maxResponseBytes: number;
  };
}

/** Returns whether the client asks for the cost in the response, with the header `GraphQL-Cost: include`. */
export function wantsCost({ headers }: FastifyRequest): boolean {
  return headers['graphql-cost'] === 'include';
}

/** Returns a predicted cost for `extensions`. */
export function costExtension({ upstreamCalls, responseBytes }: JudgedCost): CostExtension {
  const limits = { maxUpstreamCalls: MAX_UPSTREAM_CALLS, maxResponseBytes: MAX_RESPONSE_BYTES };
  return { cost: { upstreamCalls, responseBytes, ...limits } };
}

/** Adds `extensions.cost` if the client asks for it, also if the operation is refused for its cost. */
export function costExtensionPlugin(): ApolloServerPlugin<GraphqlContext> {
  return {
    requestDidStart: async ({ contextValue }) => {
      if (!wantsCost(contextValue.req)) return undefined;
      return {
        willSendResponse: async ({ schema, document, operation, request, response: { body } }) => {
          if (!document || !operation || body.kind !== 'single') return;
          const cost = judgedCost({ schema, document, operation }, request.variables ?? {});
          body.singleResult.extensions = { ...body.singleResult.extensions, ...costExtension(cost) };
        },
      };
    },
  };
}
