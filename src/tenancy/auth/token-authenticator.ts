import { Logger } from '@nestjs/common';
import { errors } from 'jose';
import { LRUCache } from 'lru-cache';
import type { JwtSettings } from '../../config/config.js';
import type { KeySource } from './jwks.js';
import { JwksFile } from './jwks-file.js';
import { JwksUrl } from './jwks-url.js';
import { verifyToken, type VerifiedToken } from './jwt.js';
import type { Principal } from '../principal.js';
import type { TenantDirectory } from '../directory/tenant-directory.js';
import { MINUTE_MS } from '../../util/durations.js';

const MAX_REMEMBERED = 10_000;
/** Maximum time until a token is verified again. This bounds how long a key that the issuer revoked stays accepted. */
const MAX_REMEMBERED_MS = 5 * MINUTE_MS;

interface Remembered {
  readonly principal: Principal;
  readonly untilMs: number;
}

/** Authenticates callers with a token and memoizes the result: verifying a signature costs a hundred times a lookup. */
export class TokenAuthenticator {
  readonly #logger = new Logger(TokenAuthenticator.name);
  /** Keyed by digest, so that a memory dump or a bug that prints the cache reveals no token. */
  readonly #remembered = new LRUCache<string, Remembered>({ max: MAX_REMEMBERED });
  readonly #keys: KeySource;
  /** Increases when all tokens must be verified again. */
  #epoch = 0;
  #stopListening: () => void = () => undefined;

  /** Throws `ConfigError` if the issuer's key file contains no keys. */
  constructor(
    private readonly settings: JwtSettings,
    private readonly directory: TenantDirectory,
  ) {
    const forget = (): void => this.#forget();
    const { jwks } = settings;
    this.#keys = 'url' in jwks ? new JwksUrl(jwks.url, forget) : new JwksFile(jwks.file, forget);
    this.#stopListening = directory.onChange(forget);
  }

  start(): void {
    this.#keys.start();
  }

  close(): void {
    this.#keys.close();
    this.#stopListening();
  }

  /** Returns the holder of the token with this digest if it was verified recently. */
  remembered(digest: string): Principal | undefined {
    const known = this.#remembered.get(digest);
    return known !== undefined && known.untilMs > Date.now() ? known.principal : undefined;
  }

  /** Returns the holder of the token, or `null` if the token is invalid. `digest` is the digest of the token. */
  async verify(token: string, digest: string): Promise<Principal | null> {
    const epoch = this.#epoch;
    const verified = await this.#verify(token);
    const principal = verified && this.#principal(verified);
    if (verified === null || principal === null) return null;
    // A change during the verification may revoke this token: accept it once, but do not remember it.
    if (epoch === this.#epoch) {
      const untilMs = Math.min(verified.expiresAtMs, Date.now() + MAX_REMEMBERED_MS);
      this.#remembered.set(digest, { principal, untilMs });
    }
    return principal;
  }

  async #verify(token: string): Promise<VerifiedToken | null> {
    try {
      return await verifyToken(token, this.settings, this.#keys.resolve);
    } catch (error) {
      // decodeProtectedHeader throws a TypeError where jose otherwise throws a JOSEError.
      if (error instanceof errors.JOSEError || error instanceof TypeError) return null;
      // For example, an issuer key that cannot be imported. It is not the caller's fault, but the token is rejected.
      this.#logger.warn(`could not verify a token: ${error instanceof Error ? error.name : 'unknown'}`);
      return null;
    }
  }

  #principal(token: VerifiedToken): Principal | null {
    const tenant = this.directory.tenant(token.tenantId);
    if (tenant === undefined) return null;
    const { subject, permissions, custSpaceIds } = token;
    const spaces =
      custSpaceIds === null
        ? tenant.spaces
        : new Map([...tenant.spaces].filter(([id]) => custSpaceIds.includes(id)));
    return { tenant, id: subject, permissions, spaces };
  }

  #forget(): void {
    this.#epoch += 1;
    this.#remembered.clear();
  }
}
