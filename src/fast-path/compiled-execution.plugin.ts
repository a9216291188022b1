import { type ApolloServerPlugin, HeaderMap } from '@apollo/server';
import type { Metrics } from '../telemetry/metrics.js';
import type { CompiledQueries } from './compiled-queries.js';
import { formatResult } from '../graphql/format-result.js';

/** Executes validated queries in their compiled form; what cannot be compiled is left to graphql-js. */
export function compiledExecution(
  queries: CompiledQueries,
  { graphqlOperations }: Metrics,
): ApolloServerPlugin<object> {
  return {
    requestDidStart: async () => {
      // Apollo asks graphql-js also for its words where there is no such operation, or the variables do not fit.
      let executes = false;
      return {
        responseForOperation: async ({ source, request, schema, document, operation, contextValue }) => {
          if (!operation) return null;
          const text = { query: source, operationName: request.operationName };
          const admitted = queries.admit(text, { schema, document, operation });
          executes = !admitted;
          const variables = admitted?.compiled.coerce(request.variables ?? {});
          if (!admitted || !variables) return null;
          const result = await admitted.compiled.execute(contextValue, variables);
          graphqlOperations.inc({ path: 'compiled', operation: operation.operation });
          return {
            http: { status: undefined, headers: new HeaderMap() },
            body: { kind: 'single', singleResult: formatResult(result) },
          };
        },
        executionDidStart: async ({ operation }) => {
          if (executes) graphqlOperations.inc({ path: 'interpreted', operation: operation.operation });
        },
      };
    },
  };
}
