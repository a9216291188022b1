import type { ApolloServerPlugin } from '@apollo/server';
import type { GraphqlContext } from '../request/graphql-context.js';
import type { PersistedQueries } from './persisted-queries.js';

/**
 * Makes Apollo execute the document that the gateway has read, instead of the one that Apollo finds in the request, and
 * stores the document of a persisted query once Apollo has found it valid and within the limits.
 */
export function resolvedRequest(persisted: PersistedQueries): ApolloServerPlugin<GraphqlContext> {
  return {
    requestDidStart: async ({ request, contextValue }) => {
      const { query, sha256 } = contextValue.req.graphql ?? {};
      if (query === undefined) delete request.query;
      else request.query = query;
      delete request.extensions;
      if (query === undefined || sha256 === undefined) return undefined;
      const { tenantId = '' } = contextValue.req.gateway;
      return { executionDidStart: async () => persisted.add(tenantId, sha256, query) };
    },
  };
}
