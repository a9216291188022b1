import { Logger } from '@nestjs/common';
import { ConfigError } from '../../config/config.js';
import { MAX_KEY_SET_BYTES, parseKeySet, type KeySet, type KeySource } from './jwks.js';
import { readFailure, readTextFile } from '../directory/read-text-file.js';
import { WatchedFiles } from '../directory/watched-files.js';

const WATCH_INTERVAL_MS = 500;

/** Keys from a file, reloaded when it changes. The constructor throws {@link ConfigError} if the file has no keys. */
export class JwksFile implements KeySource {
  readonly #logger = new Logger(JwksFile.name);
  readonly #watched = new WatchedFiles(WATCH_INTERVAL_MS, () => this.reload());
  #keys: KeySet;

  constructor(
    private readonly file: string,
    private readonly onChange: () => void,
  ) {
    try {
      this.#keys = this.#read();
    } catch (error) {
      throw new ConfigError([`JWT_JWKS_FILE ${file}: ${readFailure(error)}`]);
    }
  }

  readonly resolve: KeySource['resolve'] = (header, token) => this.#keys.resolve(header, token);

  start(): void {
    this.#watched.start();
  }

  close(): void {
    this.#watched.close();
  }

  /** Reloads the file. If it is invalid, the current keys stay in force. */
  reload(): void {
    try {
      const keys = this.#read();
      if (keys.text === this.#keys.text) return;
      this.#keys = keys;
      this.#logger.log('reloaded the keys of the token issuer');
      this.onChange();
    } catch (error) {
      this.#logger.error(
        `rejected JWT_JWKS_FILE ${this.file}, keeping the current keys: ${readFailure(error)}`,
      );
    }
  }

  #read(): KeySet {
    this.#watched.aboutToRead(this.file);
    return parseKeySet(readTextFile(this.file, MAX_KEY_SET_BYTES));
  }
}
