import type { ExecutionResult, FormattedExecutionResult, GraphQLError, GraphQLFormattedError } from 'graphql';
import { ApolloServerErrorCode } from '@apollo/server/errors';
import { formatError } from './format-error.js';

/** An execution result with errors of the catalogue: what Apollo does with the results of its own executions. */
export function formatResult({ data, errors }: ExecutionResult): FormattedExecutionResult {
  return errors ? { errors: errors.map(formatted), data: data ?? null } : { data: data ?? null };
}

function formatted(error: GraphQLError): GraphQLFormattedError {
  const code = error.extensions?.['code'] ?? ApolloServerErrorCode.INTERNAL_SERVER_ERROR;
  return formatError({ ...error.toJSON(), extensions: { ...error.extensions, code } }, error);
}
