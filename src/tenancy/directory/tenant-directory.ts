import { dirname, resolve } from 'node:path';
import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { notFound } from '../../errors/gateway-error.js';
import { Config, ConfigError } from '../../config/config.js';
import type { RequestContext } from '../../request/request-context.js';
import { Metrics } from '../../telemetry/metrics.js';
import type { CredentialSource } from '../account.js';
import { refusedDemoDigests } from '../auth/demo-keys.js';
import { PERMISSIONS, type Permission } from '../permissions.js';
import { authorizeScope, type ScopeTarget, type TenantScope } from '../tenant-scope.js';
import { buildTenants, NO_TENANTS, type ApiKeyRecord, type Tenants } from './tenants.js';
import { MAX_TENANTS_FILE_BYTES, parseTenantsFile, type TenantsFileResult } from './tenants-file.js';
import type { Tenant } from '../tenant.js';
import { readFailure, readTextFile } from './read-text-file.js';
import { WatchedFiles } from './watched-files.js';

/** Polling interval of the files. A change takes effect after two intervals at most. */
const WATCH_INTERVAL_MS = 500;
const MAX_SECRET_BYTES = 64 * 1024;
const EVERY_PERMISSION: ReadonlySet<Permission> = new Set(PERMISSIONS);

export type ReloadOutcome = 'applied' | 'unchanged' | 'refused';

/**
 * The current tenants, accounts and API keys. An invalid tenants file throws {@link ConfigError} with all faults at
 * startup; later, an invalid edit leaves the current state in force. Empty until the module is initialized.
 */
@Injectable()
export class TenantDirectory implements OnModuleInit, OnModuleDestroy {
  readonly #logger = new Logger(TenantDirectory.name);
  readonly #listeners = new Set<() => void>();
  readonly #watched = new WatchedFiles(WATCH_INTERVAL_MS, () => this.reload());
  #tenants: Tenants = NO_TENANTS;
  #revision = 0;

  constructor(
    private readonly config: Config,
    private readonly metrics: Metrics,
  ) {}

  // Not in the constructor: Nest would log an error with its stack before the faults can be printed.
  onModuleInit(): void {
    const result = this.#read();
    if ('faults' in result) throw new ConfigError(result.faults.map((fault) => this.#located(fault)));
    this.#tenants = buildTenants(result.file, NO_TENANTS);
    this.#watched.start();
  }

  onModuleDestroy(): void {
    this.#watched.close();
    this.#listeners.clear();
  }

  /** Increases by one with each applied change. */
  get revision(): number {
    return this.#revision;
  }

  tenant(id: string): Tenant | undefined {
    return this.#tenants.byId.get(id);
  }

  key(id: string): ApiKeyRecord | undefined {
    return this.#tenants.keys.get(id);
  }

  /**
   * Returns a scope for background work according to the current directory. `request` is a context for that work.
   * Throws `NOT_FOUND` if the tenant no longer exists or no longer owns the number.
   */
  scope(
    tenantId: string,
    target: ScopeTarget,
    request: RequestContext,
    permissions = EVERY_PERMISSION,
  ): TenantScope {
    const tenant = this.tenant(tenantId);
    const [permission] = permissions;
    if (tenant === undefined || permission === undefined) throw notFound();
    const principal = { tenant, id: 'background', permissions, spaces: tenant.spaces };
    return authorizeScope(principal, target, permission, request);
  }

  /** Calls the listener after each applied change. Returns a function that removes the listener. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reloads the tenants file and the files that it references, and applies them if they have no faults. */
  reload(): ReloadOutcome {
    const result = this.#read();
    if ('faults' in result) {
      this.metrics.tenantsReloads.inc({ outcome: 'refused' });
      for (const fault of result.faults) this.#logger.error(this.#located(fault));
      this.#logger.error('rejected the tenants file, keeping the current tenants');
      return 'refused';
    }
    const tenants = buildTenants(result.file, this.#tenants);
    if (tenants.fingerprint === this.#tenants.fingerprint) return 'unchanged';
    this.#tenants = tenants;
    this.#revision += 1;
    this.metrics.tenantsReloads.inc({ outcome: 'applied' });
    this.#logger.log(`applied the tenants file with ${tenants.byId.size} tenants`);
    for (const listener of this.#listeners) listener();
    return 'applied';
  }

  #located(fault: string): string {
    return `TENANTS_FILE ${this.config.tenancy.file}: ${fault}`;
  }

  #read(): TenantsFileResult {
    const { file } = this.config.tenancy;
    this.#watched.forget();
    this.#watched.aboutToRead(file);
    let text: string;
    try {
      text = readTextFile(file, MAX_TENANTS_FILE_BYTES);
    } catch (error) {
      return { faults: [readFailure(error)] };
    }
    return parseTenantsFile(text, {
      secret: this.config.secret,
      readSecretFile: (name) => this.#readSecretFile(resolve(dirname(file), name)),
      defaultCredentials: this.#defaultCredentials(),
      refusedDigests: refusedDemoDigests(this.config),
    });
  }

  #readSecretFile(path: string): string {
    this.#watched.aboutToRead(path);
    return readTextFile(path, MAX_SECRET_BYTES);
  }

  #defaultCredentials(): CredentialSource {
    const { credentials } = this.config.cams;
    return credentials === null ? { kind: 'chain' } : { kind: 'static', ...credentials };
  }
}
