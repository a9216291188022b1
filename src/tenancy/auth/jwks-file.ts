import { Logger } from '@nestjs/common';
import { ConfigError } from '../../config/config.js';
import { MAX_KEY_SET_BYTES, parseKeySet, type KeySet, type KeySource } from './jwks.js';
import { readFailure, readTextFile } from '../../util/read-text-file.js';
import { WatchedFiles } from '../../util/watched-files.js';

const WATCH_INTERVAL_MS = 500;

/** Keys from a file, reloaded when it changes. The constructor throws {@link ConfigError} if the file has no keys. */
export class JwksFile implements KeySource {
  readonly #logger = new Logger(JwksFile.name);
  readonly #watched = new WatchedFiles(WATCH_INTERVAL_MS, () => this.reload());
  #keys: KeySet;
  /** Whether the file, as it is now, was refused. */
  #isRefused = false;

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
      const wasRefused = this.#isRefused;
      this.#isRefused = false;
      if (keys.text === this.#keys.text) {
        if (wasRefused) this.#logger.log('JWT_JWKS_FILE is valid and in force again, without changes');
        return;
      }
      this.#keys = keys;
      const again = wasRefused ? '; JWT_JWKS_FILE is in force again' : '';
      this.#logger.log(`reloaded the keys of the token issuer${again}`);
      this.onChange();
    } catch (error) {
      this.#isRefused = true;
      this.#logger.error(
        `rejected JWT_JWKS_FILE ${this.file}, keeping the current keys: ${readFailure(error)}. Once you fix it, the file is reloaded`,
      );
    }
  }

  #read(): KeySet {
    this.#watched.aboutToRead(this.file);
    return parseKeySet(readTextFile(this.file, MAX_KEY_SET_BYTES));
  }
}
