import { unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { errorFields } from '../errors/problem-details.js';
import { ERRORS, type ErrorCode } from '../errors/catalogue.js';
import { GatewayError, type Violation, asGatewayError, validationFailed } from '../errors/gateway-error.js';
import { currentRequest } from '../request/request-context.js';
import { maskNumbers } from '../util/text.js';

/** Converts an error that Apollo is about to return to a catalogue error. */
export function formatError(formatted: GraphQLFormattedError, thrown: unknown): GraphQLFormattedError {
  const request = currentRequest.getStore();
  const { locations, path } = formatted;
  const place = { ...(locations && { locations }), ...(path && { path }) };
  const code = formatted.extensions?.['code'];
  if (isCatalogueCode(code) && typeof formatted.extensions?.['requestId'] === 'string') {
    // Already complete, from the error filter. Apollo may have added a stack trace.
    const { stacktrace: _, http: __, ...extensions } = formatted.extensions;
    if (request) request.errorCode ??= code;
    return { message: formatted.message, ...place, extensions };
  }
  const error = translate(String(code), formatted.message, unwrapResolverError(thrown));
  if (request) request.errorCode ??= error.code;
  return { message: error.detail, ...place, extensions: { ...errorFields(error, request?.requestId ?? '') } };
}

function isCatalogueCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && code in ERRORS;
}

// Source: Apollo Server's built-in error codes.
function translate(code: string, message: string, thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  switch (code) {
    case 'BAD_USER_INPUT':
      return variablesDoNotFit(message);
    case 'GRAPHQL_PARSE_FAILED':
    case 'GRAPHQL_VALIDATION_FAILED':
    case 'OPERATION_RESOLUTION_FAILURE':
    case 'PERSISTED_QUERY_NOT_FOUND':
    case 'PERSISTED_QUERY_NOT_SUPPORTED':
      return new GatewayError('QUERY_REFUSED', withoutValues(message));
    case 'BAD_REQUEST':
      return badRequest(message);
    default:
      return argumentDoesNotFit(thrown) ?? asGatewayError(thrown);
  }
}

// A nullable variable may be passed to a non-null argument. graphql-js rejects its null only during execution.
function argumentDoesNotFit(thrown: unknown): GatewayError | undefined {
  const argument = thrown instanceof GraphQLError && /^Argument "(\w+)" (?:of|has)/.exec(thrown.message);
  if (!argument) return undefined;
  return validationFailed([{ field: argument[1] ?? '', message: requirement(thrown.message, undefined) }]);
}

function badRequest(message: string): GatewayError {
  if (message.includes("'accept' header")) {
    return new GatewayError(
      'NOT_ACCEPTABLE',
      'The Accept header must allow application/json or application/graphql-response+json.',
    );
  }
  return new GatewayError('VALIDATION_FAILED', 'Not a valid GraphQL-over-HTTP request.', {
    violations: [
      {
        field: 'body',
        message: 'must be a JSON object with a query and, optionally, variables as an object',
      },
    ],
  });
}

/** Names only the field: graphql-js quotes the invalid value, which may contain a phone number. */
function variablesDoNotFit(message: string): GatewayError {
  return validationFailed([variableViolation(message)]);
}

function variableViolation(message: string): Violation {
  const variable = /^Variable "\$(\w+)"/.exec(message)?.[1] ?? 'variables';
  const place = / at "([\w.[\]]+)"/.exec(message)?.[1] ?? variable;
  const missing = /Field "(\w+)" of required type/.exec(message)?.[1];
  const unknown = /Field "(\w+)" is not defined/.exec(message)?.[1];
  const field = [place, missing ?? unknown].filter((part) => part !== undefined).join('.');
  return {
    // Drops the caller's name for the variable, and masks numbers that the name of a field may contain.
    field: maskNumbers(field.replace(new RegExp(`^${variable}\\.`), '').replace(/\[(\d+)\]/g, '.$1')),
    message: unknown === undefined ? requirement(message, missing) : 'is not a known field',
  };
}

function requirement(message: string, missing: string | undefined): string {
  const required =
    missing !== undefined || message.includes('was not provided') || message.includes('must not be null');
  return required ? 'is required' : 'has the wrong type';
}

// graphql-js quotes literals of a document, too.
function withoutValues(message: string): string {
  return message
    .replace(/value: .*$/s, 'value.')
    .replace(/\d{5,}/g, '*****')
    .slice(0, 300);
}
