import type { ApolloServerPlugin } from '@apollo/server';
import type { GraphQLFormattedError } from 'graphql';
import { type Violation, validationFailed } from '../errors/gateway-error.js';

/**
 * Merges the errors of invalid variables, of which Apollo reports one per fault, into one error with all violations.
 */
export function oneViolationList(): ApolloServerPlugin {
  return {
    requestDidStart: async () => ({
      willSendResponse: async ({ response: { body } }) => {
        if (body.kind !== 'single') return;
        const { errors = [] } = body.singleResult;
        const [first] = errors;
        if (!first || errors.length === 1 || !errors.every(isRefusal)) return;
        const all = errors.flatMap(({ extensions }) => extensions?.['violations'] as Violation[]);
        const { detail, options } = validationFailed(all);
        body.singleResult.errors = [
          { ...first, message: detail, extensions: { ...first.extensions, violations: options.violations } },
        ];
      },
    }),
  };
}

/** Returns whether the error refuses the whole request because of invalid fields: those of a result have a path. */
function isRefusal(error: GraphQLFormattedError): boolean {
  return error.path === undefined && Array.isArray(error.extensions?.['violations']);
}
