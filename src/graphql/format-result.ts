import type { ExecutionResult, FormattedExecutionResult, GraphQLError, GraphQLFormattedError } from 'graphql';
import { ApolloServerErrorCode } from '@apollo/server/errors';
import { formatError } from './format-error.js';

/** Converts the errors of an execution result to catalogue errors, as Apollo does for its own executions. */
export function formatResult({ data, errors }: ExecutionResult): FormattedExecutionResult {
  return errors ? { errors: errors.map(formatted), data: data ?? null } : { data: data ?? null };
}

function formatted(error: GraphQLError): GraphQLFormattedError {
  const code = error.extensions?.['code'] ?? ApolloServerErrorCode.INTERNAL_SERVER_ERROR;
  return formatError({ ...error.toJSON(), extensions: { ...error.extensions, code } }, error);
}
