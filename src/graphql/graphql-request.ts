import type { FastifyRequest } from 'fastify';
import { validationFailed } from '../errors/gateway-error.js';
import { asksForIde } from '../request/ide-request.js';
import { isRecord } from '../util/is-record.js';
import { refuseManyVariables } from './document-guard.js';
import { graphqlParameters } from './graphql-parameters.js';
import { MAX_NAME_CHARACTERS } from './document-shape.js';
import type { RequestedDocument, RequestedDocuments } from './requested-document.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** What to execute. Apollo and the fast path execute nothing else. `undefined` if Apollo refuses the request. */
    graphql: GraphqlRequest | undefined;
  }
}

/** A GraphQL request by `GET` or `POST`. Apollo checks the types of the name and the variables. */
export interface GraphqlRequest extends RequestedDocument {
  readonly operationName: unknown;
  readonly variables: unknown;
}

/** Reads the request. Throws the catalogue error if it is malformed; Apollo refuses what is left. */
export function readGraphqlRequest(
  request: FastifyRequest,
  documents: RequestedDocuments,
): GraphqlRequest | undefined {
  if (asksForIde(request)) return undefined;
  const parameters = graphqlParameters(request);
  const { operationName, variables, extensions } = parameters;
  if (!isRecord(extensions ?? {})) return undefined;
  if (typeof operationName === 'string' && operationName.length > MAX_NAME_CHARACTERS) {
    const message = `must have at most ${MAX_NAME_CHARACTERS} characters`;
    throw validationFailed([{ field: 'operationName', message }]);
  }
  refuseManyVariables(variables);
  const document = documents.find(parameters, request.gateway.tenantId ?? '');
  if (document) return { ...document, operationName, variables };
  if (request.method === 'GET') throw validationFailed([{ field: 'query', message: 'is required' }]);
  return undefined;
}
