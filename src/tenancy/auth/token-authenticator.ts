import { Logger } from '@nestjs/common';
import type { JwtSettings } from '../../config/config.js';
import type { KeySource } from './jwks.js';
import { JwksFile } from './jwks-file.js';
import { JwksUrl } from './jwks-url.js';
import { verifyToken, type VerifiedToken } from './jwt.js';
import { tokenFault } from './token-faults.js';
import type { Principal } from '../principal.js';
import type { TenantDirectory } from '../directory/tenant-directory.js';
import type { TokenFault } from '../../request/refused-credentials.js';
import { keyedDigest } from '../../util/keyed-digest.js';
import { FairCache } from '../../util/fair-cache.js';
import { MINUTE_MS } from '../../util/durations.js';

const MAX_REMEMBERED = 10_000;
/** Of the digest of a subject. */
const SUBJECT_CHARACTERS = 16;
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
  readonly #remembered = new FairCache<Remembered>({ maxSize: MAX_REMEMBERED });
  readonly #keys: KeySource;
  /** Increases when all tokens must be verified again. */
  #epoch = 0;
  #warnedInEpoch: number | undefined;
  #stopListening: () => void = () => undefined;

  /** Throws `ConfigError` if the issuer's key file contains no keys. */
  constructor(
    private readonly settings: JwtSettings,
    private readonly directory: TenantDirectory,
    private readonly pepper: string,
  ) {
    const forget = (): void => this.#forget();
    const { jwks } = settings;
    this.#keys = 'url' in jwks ? new JwksUrl(jwks.url, jwks.proxy, forget) : new JwksFile(jwks.file, forget);
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

  /** Returns the holder of the token, or why it is refused. `digest` is the digest of the token. */
  async verify(token: string, digest: string): Promise<Principal | TokenFault> {
    const epoch = this.#epoch;
    const verified = await this.#verify(token);
    if (typeof verified === 'string') return verified;
    const principal = this.#principal(verified);
    if (principal === null) return 'unknown_tenant';
    // A change during the verification may revoke this token: accept it once, but do not remember it.
    if (epoch === this.#epoch) {
      const untilMs = Math.min(verified.expiresAtMs, Date.now() + MAX_REMEMBERED_MS);
      this.#remembered.set(principal.tenant.id, digest, { principal, untilMs });
    }
    return principal;
  }

  async #verify(token: string): Promise<VerifiedToken | TokenFault> {
    try {
      return await verifyToken(token, this.settings, this.#keys.resolve);
    } catch (error) {
      const fault = tokenFault(error);
      if (fault === 'unusable_issuer_key') this.#warnOfKey(error);
      return fault;
    }
  }

  /** Once until the keys or tenants change: anyone can send tokens that name the key. */
  #warnOfKey(error: unknown): void {
    if (this.#warnedInEpoch === this.#epoch) return;
    this.#warnedInEpoch = this.#epoch;
    this.#logger.warn(
      `could not use a key of the token issuer: ${error instanceof Error ? error.name : 'unknown'}`,
    );
  }

  #principal(token: VerifiedToken): Principal | null {
    const tenant = this.directory.tenant(token.tenantId);
    if (tenant === undefined) return null;
    const { subject, permissions, custSpaceIds } = token;
    const spaces =
      custSpaceIds === null
        ? tenant.spaces
        : new Map([...tenant.spaces].filter(([id]) => custSpaceIds.includes(id)));
    const digest = keyedDigest(this.pepper, 'subject', tenant.id, subject).slice(0, SUBJECT_CHARACTERS);
    return { tenant, id: `sub:${digest}`, permissions, spaces };
  }

  #forget(): void {
    this.#epoch += 1;
    this.#remembered.clear();
  }
}
