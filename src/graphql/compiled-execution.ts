import { type ApolloServerPlugin, HeaderMap } from '@apollo/server';
import type { Metrics } from '../telemetry/metrics.js';
import type { CompiledQueries } from './compiled-queries.js';
import { formatResult } from './format-result.js';

/** Executes validated queries in their compiled form; what cannot be compiled is left to graphql-js. */
export function compiledExecution(
  queries: CompiledQueries,
  { graphqlOperations }: Metrics,
): ApolloServerPlugin<object> {
  return {
    requestDidStart: async () => ({
      responseForOperation: async ({ source, request, schema, document, operation, contextValue }) => {
        if (!operation) return null;
        const text = { query: source, operationName: request.operationName };
        const admitted = queries.admit(text, { schema, document, operation });
        const variables = admitted?.compiled.coerce(request.variables ?? {});
        if (!admitted || !variables) return null;
        const result = await admitted.compiled.execute(contextValue, variables);
        graphqlOperations.inc({ path: 'compiled' });
        return {
          http: { status: undefined, headers: new HeaderMap() },
          body: { kind: 'single', singleResult: formatResult(result) },
        };
      },
      executionDidStart: async () => {
        graphqlOperations.inc({ path: 'interpreted' });
      },
    }),
  };
}
