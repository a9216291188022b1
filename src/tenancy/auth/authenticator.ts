import { hash, timingSafeEqual } from 'node:crypto';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { GatewayError } from '../../errors/gateway-error.js';
import type { MaybePromise } from '../../util/maybe-promise.js';
import { Config } from '../../config/config.js';
import { Metrics } from '../../telemetry/metrics.js';
import { matchesDigest, type ApiKey } from './api-keys.js';
import { readCredentials, type Credentials } from './credentials.js';
import { FailureLimit } from './failure-limit.js';
import type { Principal } from '../principal.js';
import { TenantDirectory } from '../directory/tenant-directory.js';
import type { ApiKeyRecord } from '../directory/tenants.js';
import { TokenAuthenticator } from './token-authenticator.js';

type FailureKind = 'key' | 'token' | 'conflict';

/** Authenticates callers. Principals come from the current directory, so a reload revokes access immediately. */
@Injectable()
export class Authenticator implements OnModuleInit, OnModuleDestroy {
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
    const { jwt } = this.config.tenancy;
    this.#tokens = jwt === null ? null : new TokenAuthenticator(jwt, this.directory);
    this.#tokens?.start();
  }

  onModuleDestroy(): void {
    this.#tokens?.close();
  }

  /**
   * Returns the authenticated caller, synchronously for API keys and for tokens that were verified before. Rejects with
   * `UNAUTHENTICATED`, which never reveals the reason, or with `RATE_LIMITED` after too many failures with the same
   * credentials from one address. Valid credentials are never limited.
   */
  authenticate(credentials: Credentials): MaybePromise<Principal> {
    const claimed = readCredentials(credentials);
    const { address } = credentials;
    switch (claimed.kind) {
      case 'none':
        this.metrics.authenticationFailures.inc({ kind: 'none' });
        return Promise.reject(new GatewayError('UNAUTHENTICATED', 'Credentials are missing.'));
      case 'conflict':
        return this.#fail('conflict', address, 'conflict');
      case 'malformed':
        return this.#fail(claimed.as, address, 'malformed');
      case 'key':
        return this.#holderOf(claimed.key) ?? this.#fail('key', address, `key ${claimed.key.id}`);
      case 'token': {
        const digest = hash('sha256', claimed.token, 'base64');
        return this.#tokens?.remembered(digest) ?? this.#verify(claimed.token, digest, address);
      }
    }
  }

  async #verify(token: string, digest: string, address: string): Promise<Principal> {
    const principal = await this.#tokens?.verify(token, digest);
    return principal ?? this.#fail('token', address, `token ${digest}`);
  }

  #holderOf({ id, secret }: ApiKey): Principal | null {
    const record = this.directory.key(id);
    if (!this.#matches(secret, record) || record === undefined) return null;
    if (record.expiresAtMs !== null && record.expiresAtMs <= Date.now()) return null;
    const { tenant, permissions } = record;
    return { tenant, id: `key:${id}`, permissions, spaces: tenant.spaces };
  }

  #matches(secret: string, record: ApiKeyRecord | undefined): boolean {
    const digest = hash('sha256', secret, 'buffer');
    const matched = record && this.#matched.get(record);
    if (matched && timingSafeEqual(digest, matched)) return true;
    const matches = matchesDigest(secret, record?.digest, this.config.tenancy.pepper);
    if (matches && record) this.#matched.set(record, digest);
    return matches;
  }

  async #fail(kind: FailureKind, address: string, tried: string): Promise<never> {
    const retryAfterSeconds = await this.#failures.count(address, tried);
    if (retryAfterSeconds === null) {
      this.metrics.authenticationFailures.inc({ kind });
      throw new GatewayError('UNAUTHENTICATED', 'The credentials are not valid.');
    }
    this.metrics.authenticationFailures.inc({ kind: 'limited' });
    throw new GatewayError('RATE_LIMITED', 'Too many attempts with invalid credentials.', {
      retryAfterSeconds,
    });
  }
}
