import { isNativeError } from 'node:util/types';
import { Logger } from '@nestjs/common';
import { errors, type JWTVerifyGetKey } from 'jose';
import { KeysNotFetched, MAX_KEY_SET_BYTES, parseKeySet, type KeySet, type KeySource } from './jwks.js';
import type { OutboundProxy } from '../../config/config.js';
import { MINUTE_MS } from '../../util/durations.js';

const FETCH_TIMEOUT_MS = 5_000;
/** Keys older than this are fetched again in the background; from then on a revoked key is rejected. */
const MAX_AGE_MS = 10 * MINUTE_MS;
/** Minimum time between two fetches, so that made-up key ids and an unavailable issuer cost nothing. */
const COOLDOWN_MS = 30_000;
/** Minimum time between two fetches while there are no keys, for example if the issuer starts after the gateway. */
const COOLDOWN_WITHOUT_KEYS_MS = 2_000;

/**
 * Keys from the issuer's URL. When its copy is stale and the issuer is down, jose's remote key set rejects every token
 * and queries the issuer again for each one. This one keeps the last good keys and limits the rate of fetches.
 */
export class JwksUrl implements KeySource {
  readonly #logger = new Logger(JwksUrl.name);
  readonly #stopped = new AbortController();
  #keys: KeySet | undefined;
  #fetchedAtMs = -Infinity;
  #attemptedAtMs = -Infinity;
  #pending: Promise<void> | undefined;
  /** Whether the last fetch failed. */
  #hasFailed = false;

  constructor(
    private readonly url: string,
    private readonly proxy: OutboundProxy | null,
    private readonly onChange: () => void,
  ) {}

  readonly resolve: JWTVerifyGetKey = async (header, token) => {
    if (this.#keys === undefined) await this.#refresh();
    else if (Date.now() - this.#fetchedAtMs >= MAX_AGE_MS) void this.#refresh();
    const keys = this.#keys;
    if (keys === undefined) throw new KeysNotFetched();
    try {
      return await keys.resolve(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      // The issuer may have a new key. Apart from the first fetch, this is the only case in which a token waits.
      await this.#refresh();
      const newer = this.#keys;
      if (newer === keys || newer === undefined) throw error;
      return newer.resolve(header, token);
    }
  };

  start(): void {
    if (this.proxy !== null)
      this.#logger.log(`the keys of the token issuer are fetched through the proxy ${this.proxy.address}`);
    void this.#refresh();
  }

  close(): void {
    this.#stopped.abort();
  }

  /** Single-flight fetch, skipped during the cool-down. Never throws: failures are logged and the current keys stay. */
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
      if (this.#hasFailed)
        this.#logger.log('fetched the keys of the token issuer after a failure; they are in force');
      this.#hasFailed = false;
      if (!changed) return;
      this.#keys = keys;
      this.onChange();
    } catch (error) {
      if (this.#stopped.signal.aborted) return;
      this.#hasFailed = true;
      const problem = `could not fetch the keys of the token issuer from ${new URL(this.url).host}`;
      this.#logger.warn(
        this.#keys === undefined
          ? `${problem}: ${reason(error)}. The gateway tries again; no token can be verified until then.`
          : `${problem}, keeping the current keys: ${reason(error)}`,
      );
    }
  }

  async #download(): Promise<string> {
    const request = {
      // Otherwise a redirect could substitute other keys.
      redirect: 'error',
      headers: { accept: 'application/jwk-set+json, application/json' },
      signal: AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(FETCH_TIMEOUT_MS)]),
    } as const;
    if (this.proxy === null) return readText(await fetch(this.url, request));
    // Node's fetch accepts no dispatcher of another version than its own.
    const undici = await import('undici');
    const { protocol, address, authorization } = this.proxy;
    const uri = `${protocol}//${address}`;
    const dispatcher = new undici.ProxyAgent({
      uri,
      ...(authorization !== undefined && { token: authorization }),
    });
    try {
      return await readText(await undici.fetch(this.url, { ...request, dispatcher }));
    } finally {
      await dispatcher.destroy();
    }
  }
}

/** The part of a response of fetch that both implementations share. */
interface Fetched {
  readonly status: number;
  readonly body: (AsyncIterable<Uint8Array> & { cancel(): Promise<void> }) | null;
}

async function readText({ status, body }: Fetched): Promise<string> {
  if (status !== 200 || body === null) {
    await body?.cancel();
    throw new errors.JWKSInvalid(`The issuer returned ${status}`);
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > MAX_KEY_SET_BYTES)
      throw new errors.JWKSInvalid(`The issuer sent more than ${MAX_KEY_SET_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function reason(error: unknown): string {
  if (error instanceof DOMException) return `no response within ${FETCH_TIMEOUT_MS} ms`;
  // The message of a syntax error quotes the input.
  if (!isNativeError(error) || error.name === 'SyntaxError') return 'the response is not valid JSON';
  const { cause } = error;
  if (!isNativeError(cause)) return error.message;
  return `${error.message} (${'code' in cause ? String(cause.code) : cause.message})`;
}
