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
/** A token is verified anew after this long at the latest, which is how a key that the issuer withdrew is noticed. */
const MAX_REMEMBERED_MS = 5 * MINUTE_MS;

interface Remembered {
  readonly principal: Principal;
  readonly untilMs: number;
}

/** Tells who calls with a token, and remembers it: a signature costs a hundred times a look-up. */
export class TokenAuthenticator {
  readonly #logger = new Logger(TokenAuthenticator.name);
  /** By digest: a dump of the memory, or a bug that prints the cache, shows no token. */
  readonly #remembered = new LRUCache<string, Remembered>({ max: MAX_REMEMBERED });
  readonly #keys: KeySource;
  /** Grows when what was verified before must be verified again. */
  #epoch = 0;
  #stopListening: () => void = () => undefined;

  /** Throws `ConfigError` when the keys are in a file that has none. */
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

  /** The holder of the token with this digest, if it was verified a moment ago. */
  remembered(digest: string): Principal | undefined {
    const known = this.#remembered.get(digest);
    return known !== undefined && known.untilMs > Date.now() ? known.principal : undefined;
  }

  /** The holder of the token, or `null` for a token that is not valid; `digest` stands for the token. */
  async verify(token: string, digest: string): Promise<Principal | null> {
    const epoch = this.#epoch;
    const verified = await this.#verify(token);
    const principal = verified && this.#principal(verified);
    if (verified === null || principal === null) return null;
    // What changed while the signature was checked may have been meant to refuse it: it passes once, not again.
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
      // decodeProtectedHeader says TypeError where jose otherwise says JOSEError.
      if (error instanceof errors.JOSEError || error instanceof TypeError) return null;
      // A key of the issuer that cannot be imported, for one. The caller cannot help it, nor may it get in.
      this.#logger.warn(`A token could not be checked: ${error instanceof Error ? error.name : 'unknown'}`);
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
