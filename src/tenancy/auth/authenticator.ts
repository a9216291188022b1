import { hash, timingSafeEqual } from 'node:crypto';
import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { GatewayError } from '../../errors/gateway-error.js';
import type { MaybePromise } from '../../util/maybe-promise.js';
import { Config } from '../../config/config.js';
import { Metrics } from '../../telemetry/metrics.js';
import { matchesDigest, type ApiKey } from './api-keys.js';
import { claimedKeyId } from './claimed-key-id.js';
import { readCredentials, type Credentials } from './credentials.js';
import { FailureLimit } from './failure-limit.js';
import type { Principal } from '../principal.js';
import { TenantDirectory } from '../directory/tenant-directory.js';
import type { ApiKeyRecord } from '../directory/tenants.js';
import { TokenAuthenticator } from './token-authenticator.js';
import type { CredentialFault, RefusedCredentials } from '../../request/refused-credentials.js';

/** How often the keys of the issuer are fetched while there are none. */
const RETRY_AFTER_SECONDS = 2;
const CONFLICT =
  'Send credentials only once: in Authorization or in X-Api-Key, without any other Authorization header.';
/** What the client is told if authentic credentials have expired. It helps no attacker: the secret or signature is right. */
const EXPIRED: Partial<Record<CredentialFault, string>> = {
  expired_key: 'The API key has expired',
  expired_token: 'The token has expired',
};

/** Authenticates callers. Principals come from the current directory, so a reload revokes access immediately. */
@Injectable()
export class Authenticator implements OnModuleInit, OnModuleDestroy {
  readonly #logger = new Logger(Authenticator.name);
  readonly #failures = new FailureLimit();
  /** Plain digests of secrets that matched, until a reload creates new records. They cost a fifth of a keyed digest. */
  readonly #matched = new WeakMap<ApiKeyRecord, Buffer>();
  #tokens: TokenAuthenticator | null = null;

  constructor(
    private readonly config: Config,
    private readonly directory: TenantDirectory,
    private readonly metrics: Metrics,
  ) {}

  /** Throws `ConfigError` if the issuer's key file contains no keys. */
  onModuleInit(): void {
    const { jwt, pepper } = this.config.tenancy;
    this.#tokens = jwt === null ? null : new TokenAuthenticator(jwt, this.directory, pepper);
    this.#tokens?.start();
  }

  onModuleDestroy(): void {
    this.#tokens?.close();
  }

  /**
   * Returns the authenticated caller, synchronously for API keys and for tokens that were verified before. Rejects with
   * `UNAUTHENTICATED`, which reveals the reason only if there are several credentials, or authentic ones that have expired, with `RATE_LIMITED` after
   * too many failures from one address, or with `OVERLOADED` until the issuer's keys have been fetched. Authentic
   * credentials are never limited, so nobody can lock out a tenant.
   */
  authenticate(credentials: Credentials): MaybePromise<Principal> {
    const claimed = readCredentials(credentials);
    switch (claimed.kind) {
      case 'none':
        return Promise.reject(this.#refuse({ kind: 'none', fault: 'missing' }, 'Credentials are missing.'));
      case 'conflict':
        return this.#fail({ kind: 'conflict', fault: claimed.fault }, credentials);
      case 'malformed': {
        const fault = claimed.as === 'key' ? 'malformed_key' : 'malformed_authorization';
        return this.#fail({ kind: claimed.as, fault }, credentials);
      }
      case 'key': {
        const holder = this.#holderOf(claimed.key);
        return 'fault' in holder ? this.#fail(holder, credentials, claimed.key.id) : holder;
      }
      case 'token': {
        const digest = hash('sha256', claimed.token, 'base64');
        return this.#tokens?.remembered(digest) ?? this.#verify(claimed.token, digest, credentials);
      }
    }
  }

  async #verify(token: string, digest: string, credentials: Credentials): Promise<Principal> {
    const verified = (await this.#tokens?.verify(token, digest)) ?? 'tokens_not_configured';
    if (typeof verified !== 'string') return verified;
    if (verified === 'issuer_keys_not_fetched') throw unverifiable(credentials);
    return this.#fail({ kind: 'token', fault: verified }, credentials);
  }

  #holderOf({ id, secret }: ApiKey): Principal | RefusedCredentials {
    const record = this.directory.key(id);
    const matches = this.#matches(secret, record);
    if (record === undefined) return { kind: 'key', fault: 'unknown_key' };
    if (!matches) return { kind: 'key', fault: 'wrong_secret', keyId: id };
    if (record.expiresAtMs !== null && record.expiresAtMs <= Date.now())
      return { kind: 'key', fault: 'expired_key', keyId: id };
    const { tenant, permissions } = record;
    return { tenant, id: `key:${id}`, permissions, spaces: tenant.spaces };
  }

  #matches(secret: string, record: ApiKeyRecord | undefined): boolean {
    const digest = hash('sha256', secret, 'buffer');
    const matched = record && this.#matched.get(record);
    if (matched && timingSafeEqual(digest, matched)) return true;
    const { pepper, previousPepper } = this.config.tenancy;
    let matches = matchesDigest(secret, record?.digest, pepper);
    if (!matches && previousPepper !== null) {
      matches = matchesDigest(secret, record?.digest, previousPepper);
      // Once for each key and each change of the tenants file, so that the operator knows when the rotation is complete.
      if (matches) this.#logger.log(`the key ${record?.id} still requires API_KEY_PEPPER_PREVIOUS`);
    }
    if (matches && record) this.#matched.set(record, digest);
    return matches;
  }

  /** `keyId` is the id of the API key whose failures are counted on their own. */
  async #fail(reason: RefusedCredentials, credentials: Credentials, keyId?: string): Promise<never> {
    const refused = withKeyId(reason, credentials);
    const expired = EXPIRED[refused.fault];
    if (expired !== undefined) throw this.#refuse(refused, `${expired}.`, expired);
    const retryAfterSeconds = await this.#failures.count(credentials.address, keyId);
    if (retryAfterSeconds === null)
      throw this.#refuse(refused, reason.kind === 'conflict' ? CONFLICT : 'The credentials are not valid.');
    this.metrics.authenticationFailures.inc({ kind: 'limited' });
    throw new GatewayError('RATE_LIMITED', 'Too many failed credentials from your address.', {
      limit: 'failedCredentials',
      retryAfterSeconds,
      refused,
    });
  }

  #refuse(refused: RefusedCredentials, detail: string, invalidToken?: string): GatewayError {
    this.metrics.authenticationFailures.inc({ kind: refused.kind });
    return new GatewayError('UNAUTHENTICATED', detail, {
      refused,
      ...(invalidToken !== undefined && { invalidToken }),
    });
  }
}

/** The token may be valid, so its client must neither discard it nor be limited. */
function unverifiable(credentials: Credentials): GatewayError {
  return new GatewayError(
    'OVERLOADED',
    'The gateway cannot verify tokens yet: it could not fetch the keys of their issuer.',
    {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      refused: withKeyId({ kind: 'token', fault: 'issuer_keys_not_fetched' }, credentials),
    },
  );
}

/** Adds the id that was claimed, unless it is known to be one. */
function withKeyId(refused: RefusedCredentials, credentials: Credentials): RefusedCredentials {
  const keyId = refused.keyId ?? claimedKeyId(credentials);
  return keyId === undefined ? refused : { ...refused, keyId };
}
