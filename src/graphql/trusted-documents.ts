import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Config, ConfigError } from '../config/config.js';
import { readFailure, readTextFile } from '../util/read-text-file.js';
import { WatchedFiles } from '../util/watched-files.js';
import { type DocumentManifest, parseManifest } from './document-manifest.js';

const WATCH_INTERVAL_MS = 500;
const MAX_BYTES = 16 * 1024 * 1024;
const SHA256 = 'sha256:';

/**
 * The documents of `GRAPHQL_DOCUMENTS_FILE`. An invalid file throws {@link ConfigError} at startup; later, an invalid
 * edit leaves the current documents in force.
 */
@Injectable()
export class TrustedDocuments implements OnModuleInit, OnModuleDestroy {
  readonly #logger = new Logger(TrustedDocuments.name);
  readonly #watched = new WatchedFiles(WATCH_INTERVAL_MS, () => this.reload());
  #documents: DocumentManifest = new Map();
  /** Whether the file, as it is now, was refused. */
  #isRefused = false;

  constructor(private readonly config: Config) {}

  // Not in the constructor: Nest would log an error with its stack before the fault can be printed.
  onModuleInit(): void {
    const { documentsFile: file } = this.config.graphql;
    if (file === null) return;
    try {
      this.#documents = this.#read(file);
    } catch (error) {
      throw new ConfigError([`GRAPHQL_DOCUMENTS_FILE ${file}: ${readFailure(error)}`]);
    }
    this.#watched.start();
  }

  onModuleDestroy(): void {
    this.#watched.close();
  }

  /** Whether nothing else may be executed. */
  get areRequired(): boolean {
    return this.config.graphql.documents === 'trusted';
  }

  /** Finds a document by its ID. A SHA-256 may be written with the prefix `sha256:` or without it. */
  find(id: string): string | undefined {
    const otherSpelling = id.startsWith(SHA256) ? id.slice(SHA256.length) : SHA256 + id;
    return this.#documents.get(id) ?? this.#documents.get(otherSpelling);
  }

  /** Reloads the file. If it is invalid, the current documents stay in force. */
  reload(): void {
    const { documentsFile: file } = this.config.graphql;
    if (file === null) return;
    try {
      this.#documents = this.#read(file);
      const again = this.#isRefused ? '; the file is in force again' : '';
      this.#isRefused = false;
      this.#logger.log(`applied the documents file with ${this.#documents.size} documents${again}`);
    } catch (error) {
      this.#isRefused = true;
      const failure = readFailure(error);
      this.#logger.error(
        `rejected GRAPHQL_DOCUMENTS_FILE ${file}, keeping the current documents: ${failure}. Once you fix it, the file is reloaded`,
      );
    }
  }

  #read(file: string): DocumentManifest {
    this.#watched.aboutToRead(file);
    return parseManifest(readTextFile(file, MAX_BYTES));
  }
}
