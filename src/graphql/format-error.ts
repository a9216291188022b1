import { unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { errorFields, shownDetail } from '../errors/problem-details.js';
import { ERRORS, type ErrorCode } from '../errors/catalogue.js';
import { GatewayError, type Violation, asGatewayError, validationFailed } from '../errors/gateway-error.js';
import { loggedIfUnexpected } from '../errors/unexpected-error.js';
import { currentRequest } from '../request/request-context.js';
import { redactName } from '../util/redaction.js';

const MAX_MESSAGE_CHARACTERS = 300;
/** More would not be shown, whatever is hidden in it. */
const MAX_READ_CHARACTERS = 1_024;

/** Converts an error that Apollo is about to return to a catalogue error. */
export function formatError(formatted: GraphQLFormattedError, thrown: unknown): GraphQLFormattedError {
  const request = currentRequest.getStore();
  const { locations, path } = formatted;
  const place = { ...(locations && { locations }), ...(path && { path }) };
  const code = formatted.extensions?.['code'];
  if (isCatalogueCode(code) && typeof formatted.extensions?.['requestId'] === 'string') {
    // Already complete, from the error filter. Apollo may have added a stack trace.
    const { stacktrace: _, http: __, ...extensions } = formatted.extensions;
    request?.noteError(code, Number(formatted.extensions['status']), formatted.message);
    return { message: formatted.message, ...place, extensions };
  }
  const error = translate(String(code), formatted.message, unwrapResolverError(thrown));
  request?.noteError(error.code, error.status, error.detail, error.options.limit);
  return {
    message: shownDetail(error),
    ...place,
    extensions: { ...errorFields(error, request?.requestId ?? '') },
  };
}

function isCatalogueCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERRORS, code);
}

// Source: Apollo Server's built-in error codes.
function translate(code: string, message: string, thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  switch (code) {
    case 'BAD_USER_INPUT':
      return validationFailed([variableViolation(message, thrown)]);
    case 'GRAPHQL_PARSE_FAILED':
    case 'GRAPHQL_VALIDATION_FAILED':
    case 'OPERATION_RESOLUTION_FAILURE':
      return new GatewayError('QUERY_REFUSED', introspectionRefused(message) ?? withoutValues(message));
    case 'BAD_REQUEST':
      return badRequest(message);
    default:
      return (
        argumentDoesNotFit(thrown) ??
        tooManyFaults(message) ??
        // Of graphql-js or Apollo: those of resolvers come from the error filter, which logs them itself.
        loggedIfUnexpected(asGatewayError(thrown), currentRequest.getStore()?.requestId)
      );
  }
}

// A nullable variable may be passed to a non-null argument. graphql-js rejects its null only during execution.
function argumentDoesNotFit(thrown: unknown): GatewayError | undefined {
  const argument = thrown instanceof GraphQLError && /^Argument "(\w+)" (?:of|has)/.exec(thrown.message);
  if (!argument) return undefined;
  return validationFailed([
    { field: argument[1] ?? '', message: requirement(thrown.message, undefined, thrown) },
  ]);
}

// graphql-js stops after 50 faults of variables and adds this error, for which Apollo has no code.
function tooManyFaults(message: string): GatewayError | undefined {
  return message.startsWith('Too many errors processing variables')
    ? validationFailed([{ field: 'variables', message: 'have more errors' }])
    : undefined;
}

function badRequest(message: string): GatewayError {
  if (message.startsWith('GET requests only support')) {
    return new GatewayError('METHOD_NOT_ALLOWED', 'GET supports queries only. Send mutations by POST.');
  }
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

/** Names the field and its type, but no value: graphql-js quotes it, and it may contain a phone number. */
function variableViolation(message: string, thrown: unknown): Violation {
  const variable = /^Variable "\$(\w+)"/.exec(message)?.[1] ?? 'variables';
  const place = / at "([\w.[\]]+)"/.exec(message)?.[1] ?? variable;
  const missing = /Field "(\w+)" of required type/.exec(message)?.[1];
  const unknown = /Field "(\w+)" is not defined/.exec(message)?.[1];
  const field = [place, missing ?? unknown].filter((part) => part !== undefined).join('.');
  return {
    // Drops the caller's name for the variable.
    field: field.replace(new RegExp(`^${variable}\\.`), ''),
    message: unknown === undefined ? requirement(message, missing, thrown) : 'is not a known field',
  };
}

function requirement(message: string, missing: string | undefined, thrown: unknown): string {
  const required =
    missing !== undefined || message.includes('was not provided') || message.includes('must not be null');
  if (required) return 'is required';
  const type = thrown instanceof GraphQLError && expectedType(thrown.originalError?.message ?? '');
  return type ? `must be of type ${type}` : 'has the wrong type';
}

/** Reads the type from a message of graphql-js about one value. Anchored, as the value that it quotes can be any text. */
function expectedType(message: string): string | undefined {
  return [
    /^(String|Int|Float|Boolean|ID) cannot represent /,
    /^Enum "(\w+)" cannot represent /,
    /^Expected type "(\w+)" to be an object/,
    /^Value ".*" does not exist in "(\w+)" enum\./s,
  ]
    .map((pattern) => pattern.exec(message)?.[1])
    .find((type) => type !== undefined);
}

function introspectionRefused(message: string): string | undefined {
  return message.startsWith('GraphQL introspection is not allowed')
    ? 'Introspection is turned off. Download the schema from /schema.gql.'
    : undefined;
}

// graphql-js quotes literals of a document, too.
function withoutValues(message: string): string {
  const withoutValue = message.replace(/value: .*$/s, 'value.');
  return redactName(withoutValue, MAX_READ_CHARACTERS).slice(0, MAX_MESSAGE_CHARACTERS);
}
