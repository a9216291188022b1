import { Injectable } from '@nestjs/common';
import { GatewayError, validationFailed } from '../errors/gateway-error.js';
import { isRecord } from '../util/is-record.js';
import type { GraphqlParameters } from './graphql-parameters.js';
import { PersistedQueries, documentHash } from './persisted-queries.js';
import { TrustedDocuments } from './trusted-documents.js';

/** The document that a request names. `sha256` is set if it is to be stored once Apollo has executed it. */
export interface RequestedDocument {
  readonly query: string;
  readonly sha256?: string;
}

/** Finds the document of a request: a trusted one by its ID, a persisted one by its hash, or the text that it sends. */
@Injectable()
export class RequestedDocuments {
  constructor(
    private readonly trusted: TrustedDocuments,
    private readonly persisted: PersistedQueries,
  ) {}

  /** Returns `undefined` if the request names none. Throws the catalogue error if the document cannot be executed. */
  find(
    { query, extensions, documentId }: GraphqlParameters,
    tenantId: string,
  ): RequestedDocument | undefined {
    const text = typeof query === 'string' && query !== '' ? query : undefined;
    const sha256 = requestedHash(extensions);
    if (documentId !== undefined && documentId !== null)
      return { query: this.#byId(documentId, text ?? sha256) };
    const trusted = sha256 === undefined ? undefined : this.trusted.find(sha256);
    if (trusted !== undefined && (text === undefined || text === trusted)) return { query: trusted };
    if (text === undefined && sha256 === undefined) return undefined;
    if (this.trusted.areRequired) throw notTrusted(sha256);
    if (sha256 !== undefined) return this.#byHash(tenantId, sha256, text);
    return text === undefined ? undefined : { query: text };
  }

  #byId(id: unknown, other: string | undefined): string {
    if (typeof id !== 'string')
      throw validationFailed([{ field: 'documentId', message: 'must be a string' }]);
    if (other !== undefined)
      throw validationFailed([
        { field: 'documentId', message: 'must not be sent together with a query or its hash' },
      ]);
    const document = this.trusted.find(id);
    if (document === undefined) throw new GatewayError('QUERY_REFUSED', 'No trusted document has this ID.');
    return document;
  }

  #byHash(tenantId: string, sha256: string, text: string | undefined): RequestedDocument {
    const known = this.persisted.find(tenantId, sha256);
    if (text !== undefined) {
      if (documentHash(text) !== sha256) throw badHash('is not the SHA-256 of the query');
      return { query: text, ...(known === undefined && { sha256 }) };
    }
    // Clients compare this text before they send the document together with its hash.
    if (known === undefined) throw new GatewayError('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound');
    return { query: known };
  }
}

/** Not `PERSISTED_QUERY_NOT_FOUND`: the client would send the text, only for that to be refused. */
function notTrusted(sha256: string | undefined): GatewayError {
  return new GatewayError(
    'QUERY_REFUSED',
    sha256 === undefined
      ? 'Only trusted documents are executed: send the ID of one as documentId, without a query.'
      : 'Only trusted documents are executed, and none of them has this hash.',
  );
}

/** Returns the hash of an automatic persisted query. Source: Apollo's APQ protocol, version 1. */
function requestedHash(extensions: unknown): string | undefined {
  const persisted = isRecord(extensions) ? (extensions['persistedQuery'] ?? undefined) : undefined;
  if (persisted === undefined) return undefined;
  const { version, sha256Hash } = isRecord(persisted) ? persisted : {};
  if (version !== 1)
    throw validationFailed([{ field: 'extensions.persistedQuery.version', message: 'must be 1' }]);
  if (typeof sha256Hash !== 'string' || sha256Hash === '') throw badHash('is required');
  return sha256Hash;
}

function badHash(message: string): GatewayError {
  return validationFailed([{ field: 'extensions.persistedQuery.sha256Hash', message }]);
}
