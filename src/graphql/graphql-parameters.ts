import type { FastifyRequest } from 'fastify';
import { tooDeep } from '../errors/foreign-errors.js';
import { GatewayError, validationFailed } from '../errors/gateway-error.js';
import { isRecord } from '../util/is-record.js';
import { isTooDeep } from '../util/json-depth.js';
import { parseJson } from '../util/parse-json.js';

/** The parameters of a GraphQL request, from its body or its URL. Those of a body may have any type. */
export interface GraphqlParameters {
  readonly query?: unknown;
  readonly operationName?: unknown;
  readonly variables?: unknown;
  readonly extensions?: unknown;
  /** ID of a trusted document, instead of a query. */
  readonly documentId?: unknown;
}

const JSON_MEDIA_TYPE = /^application\/json\s*(?:;|$)/i;

/** Returns the parameters of a request. Throws `VALIDATION_FAILED` for a batch and for malformed parameters of a URL. */
export function graphqlParameters(request: FastifyRequest): GraphqlParameters {
  const { method, body } = request;
  if (method === 'GET') return parametersOfUrl(request);
  if (Array.isArray(body)) throw batchRefused();
  return isRecord(body) ? body : {};
}

/** Decodes like Apollo, which reads the URL again. Source: GraphQL over HTTP, section 6.3, "GET". */
function parametersOfUrl({ url, headers }: FastifyRequest): GraphqlParameters {
  if (!JSON_MEDIA_TYPE.test(headers['content-type'] ?? 'application/json'))
    throw new GatewayError('UNSUPPORTED_MEDIA_TYPE', 'Send a GET request without Content-Type.');
  const start = url.indexOf('?');
  const parameters = new URLSearchParams(start === -1 ? '' : url.slice(start));
  return {
    query: text(parameters, 'query'),
    operationName: text(parameters, 'operationName'),
    variables: json(parameters, 'variables'),
    extensions: json(parameters, 'extensions'),
    documentId: text(parameters, 'documentId'),
  };
}

function text(parameters: URLSearchParams, field: string): string | undefined {
  const [value, ...others] = parameters.getAll(field);
  if (others.length > 0) throw validationFailed([{ field, message: 'must be given only once' }]);
  return value;
}

function json(parameters: URLSearchParams, field: string): object | undefined {
  const given = text(parameters, field);
  if (given === undefined) return undefined;
  if (isTooDeep(given)) throw tooDeep(field);
  const value = parseJson(given);
  if (!isRecord(value)) throw validationFailed([{ field, message: 'must be a JSON object' }]);
  return value;
}

function batchRefused(): GatewayError {
  return new GatewayError(
    'VALIDATION_FAILED',
    'Batched requests are not supported: send each operation in its own request.',
    { violations: [{ field: 'body', message: 'must be a JSON object, not an array' }] },
  );
}
