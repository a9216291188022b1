import { accessSync, constants } from 'node:fs';
import { readFailure } from '../util/read-text-file.js';
import type { EnvReader } from './env-reader.js';

export interface GraphqlSettings {
  readonly introspection: boolean;
  /** Whether `/graphql` serves the IDE to browsers. */
  readonly ide: boolean;
  /** `trusted`: only documents of the file are executed. */
  readonly documents: 'any' | 'trusted';
  /** `null` if no documents have IDs. */
  readonly documentsFile: string | null;
}

/** Introspection and the IDE default to on, but to off in production. */
export function readGraphql(read: EnvReader): GraphqlSettings {
  const documents = read.oneOf('GRAPHQL_DOCUMENTS', ['any', 'trusted'] as const, 'any');
  return {
    introspection: read.flag('GRAPHQL_INTROSPECTION', !read.production),
    ide: read.flag('GRAPHQL_IDE', !read.production),
    documents,
    documentsFile: readDocumentsFile(read, documents === 'trusted'),
  };
}

function readDocumentsFile(read: EnvReader, isRequired: boolean): string | null {
  const file = read.text('GRAPHQL_DOCUMENTS_FILE');
  if (file === undefined) {
    if (isRequired) read.fault('GRAPHQL_DOCUMENTS_FILE', 'is required if GRAPHQL_DOCUMENTS is trusted');
    return null;
  }
  try {
    accessSync(file, constants.R_OK);
  } catch (error) {
    read.fault('GRAPHQL_DOCUMENTS_FILE', readFailure(error));
  }
  return file;
}
