import { isNativeError } from 'node:util/types';
import { Logger } from '@nestjs/common';
import { errors, type JWTVerifyGetKey } from 'jose';
import { MAX_KEY_SET_BYTES, parseKeySet, type KeySet, type KeySource } from './jwks.js';
import { MINUTE_MS } from '../../util/durations.js';

const FETCH_TIMEOUT_MS = 5_000;
/** Keys this old are fetched again in the background: a withdrawn key is refused from then on. */
const MAX_AGE_MS = 10 * MINUTE_MS;
/** Shortest time between two fetches, so that made-up key ids and a dead issuer cost nothing. */
const COOLDOWN_MS = 30_000;
/** The same while there are no keys at all, as when the issuer starts later than the gateway. */
const COOLDOWN_WITHOUT_KEYS_MS = 2_000;

/**
 * Keys from the issuer's URL. jose's own remote set refuses every token once its copy is old and the issuer down, and
 * asks a dead issuer anew for each token; this one serves the last good keys, and lets an issuer rest.
 */
export class JwksUrl implements KeySource {
  readonly #logger = new Logger(JwksUrl.name);
  readonly #stopped = new AbortController();
  #keys: KeySet | undefined;
  #fetchedAtMs = -Infinity;
  #attemptedAtMs = -Infinity;
  #pending: Promise<void> | undefined;

  constructor(
    private readonly url: string,
    private readonly onChange: () => void,
  ) {}

  readonly resolve: JWTVerifyGetKey = async (header, token) => {
    if (this.#keys === undefined) await this.#refresh();
    else if (Date.now() - this.#fetchedAtMs >= MAX_AGE_MS) void this.#refresh();
    const keys = this.#keys;
    if (keys === undefined) throw new errors.JWKSNoMatchingKey('The keys of the issuer are not known yet');
    try {
      return await keys.resolve(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      // The issuer may have a new key: the one moment at which a token waits for a fetch.
      await this.#refresh();
      const newer = this.#keys;
      if (newer === keys || newer === undefined) throw error;
      return newer.resolve(header, token);
    }
  };

  start(): void {
    void this.#refresh();
  }

  close(): void {
    this.#stopped.abort();
  }

  /** One fetch at a time, and none within the cool-down. Never throws: what fails is logged, and the keys stay. */
  #refresh(): Promise<void> {
    const cooldownMs = this.#keys === undefined ? COOLDOWN_WITHOUT_KEYS_MS : COOLDOWN_MS;
    const resting = Date.now() - this.#attemptedAtMs < cooldownMs;
    if (this.#pending === undefined && !resting && !this.#stopped.signal.aborted) {
      this.#attemptedAtMs = Date.now();
      this.#pending = this.#fetch().finally(() => (this.#pending = undefined));
    }
    return this.#pending ?? Promise.resolve();
  }

  async #fetch(): Promise<void> {
    try {
      const keys = parseKeySet(await this.#download());
      const changed = keys.text !== this.#keys?.text;
      this.#fetchedAtMs = Date.now();
      if (!changed) return;
      this.#keys = keys;
      this.onChange();
    } catch (error) {
      if (this.#stopped.signal.aborted) return;
      this.#logger.warn(
        `The keys of the token issuer could not be fetched, the last good ones stay: ${reason(error)}`,
      );
    }
  }

  async #download(): Promise<string> {
    const response = await fetch(this.url, {
      // Whoever may redirect could otherwise choose the keys.
      redirect: 'error',
      headers: { accept: 'application/jwk-set+json, application/json' },
      signal: AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(FETCH_TIMEOUT_MS)]),
    });
    if (response.status !== 200 || response.body === null) {
      await response.body?.cancel();
      throw new errors.JWKSInvalid(`The issuer answered ${response.status}`);
    }
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of response.body) {
      bytes += chunk.byteLength;
      if (bytes > MAX_KEY_SET_BYTES)
        throw new errors.JWKSInvalid(`The issuer sent more than ${MAX_KEY_SET_BYTES} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  }
}

function reason(error: unknown): string {
  if (error instanceof DOMException) return `no answer within ${FETCH_TIMEOUT_MS} ms`;
  // The message of a syntax error quotes what it stumbled over.
  if (!isNativeError(error) || error.name === 'SyntaxError') return 'the answer is no JSON';
  const { cause } = error;
  return isNativeError(cause) && 'code' in cause ? `${error.message} (${String(cause.code)})` : error.message;
}
