import { parseJsonOrThrow } from '../util/parse-json.js';
import { isRecord } from '../util/is-record.js';

/** Documents by ID. */
export type DocumentManifest = ReadonlyMap<string, string>;

const APOLLO_FORMAT = 'apollo-persisted-query-manifest';

/**
 * Parses a persisted query manifest of Apollo (format version 1), or `persisted-documents.json` of GraphQL Code
 * Generator: an object with the text of each document by its hash. Throws if it is neither, or has no documents.
 */
export function parseManifest(text: string): DocumentManifest {
  const manifest = parseJsonOrThrow(text);
  if (!isRecord(manifest)) throw new Error('not a JSON object');
  const entries = manifest['format'] === APOLLO_FORMAT ? operationsOf(manifest) : Object.entries(manifest);
  const documents = new Map<string, string>();
  for (const [id, document] of entries) {
    if (typeof id !== 'string' || id === '' || typeof document !== 'string' || document.trim() === '')
      throw new Error('a document without ID or text');
    if ((documents.get(id) ?? document) !== document) throw new Error('two documents with the same ID');
    documents.set(id, document);
  }
  if (documents.size === 0) throw new Error('no documents');
  return documents;
}

function operationsOf({ version, operations }: Record<string, unknown>): readonly (readonly unknown[])[] {
  if (version !== 1) throw new Error('a manifest version other than 1');
  if (!Array.isArray(operations)) throw new Error('a manifest without operations');
  return operations.map((operation: unknown) =>
    isRecord(operation) ? [operation['id'], operation['body']] : [],
  );
}
