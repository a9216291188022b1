import type { ApolloServerPlugin } from '@apollo/server';
import { OperationTypeNode } from 'graphql';
import type { Metrics } from '../telemetry/metrics.js';
import type { AdmittedQueries } from './admitted-queries.js';

/** Admits the queries that Apollo executes to the fast path, and counts what it executes. */
export function queryAdmission(
  queries: AdmittedQueries | undefined,
  { graphqlOperations }: Metrics,
): ApolloServerPlugin<object> {
  return {
    requestDidStart: async () => ({
      willSendResponse: async ({ operation, source, request, schema, response: { body } }) => {
        // Without data nothing was executed: the variables do not fit, say.
        if (!operation || source === undefined || body.kind !== 'single' || !('data' in body.singleResult))
          return;
        graphqlOperations.inc({ path: 'interpreted', operation: operation.operation });
        if (operation.operation !== OperationTypeNode.QUERY) return;
        queries?.admit({ query: source, operationName: request.operationName }, schema);
      },
    }),
  };
}
