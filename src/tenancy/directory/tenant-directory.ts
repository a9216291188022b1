import { dirname, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { notFound } from '../../errors/gateway-error.js';
import { type CamsSettings, Config, ConfigError } from '../../config/config.js';
import { MAX_TENANTS_FILE_BYTES } from '../../config/tenancy.js';
import type { RequestContext } from '../../request/request-context.js';
import { Metrics } from '../../telemetry/metrics.js';
import type { Account, CredentialSource } from '../account.js';
import { refusedDemoDigests } from '../auth/demo-keys.js';
import { PERMISSIONS, type Permission } from '../permissions.js';
import { authorizeScope, type ScopeTarget, type TenantScope } from '../tenant-scope.js';
import { buildTenants, NO_TENANTS, type ApiKeyRecord, type Tenants } from './tenants.js';
import { readTenantsFile, type TenantsFileResult } from './tenants-file.js';
import type { Tenant } from '../tenant.js';
import { readFailure, readTextFile } from '../../util/read-text-file.js';
import { atOnce, inSlices, type SlicedWork } from '../../util/slices.js';
import { WatchedFiles } from '../../util/watched-files.js';

/** Polling interval of the files. A change takes effect after two intervals at most. */
const WATCH_INTERVAL_MS = 500;
const MAX_SECRET_BYTES = 64 * 1024;
const EVERY_PERMISSION: ReadonlySet<Permission> = new Set(PERMISSIONS);

export type ReloadOutcome = 'applied' | 'unchanged' | 'refused';

/**
 * The current tenants, accounts and API keys. An invalid tenants file throws {@link ConfigError} with its faults at
 * startup; later, an invalid edit leaves the current state in force. Empty until the module is initialized.
 */
@Injectable()
export class TenantDirectory implements OnModuleInit, OnModuleDestroy {
  readonly #logger = new Logger(TenantDirectory.name);
  readonly #listeners = new Set<() => void>();
  readonly #watched = new WatchedFiles(WATCH_INTERVAL_MS, () => this.#reloadUnlessReloading());
  #tenants: Tenants = NO_TENANTS;
  #defaultCredentials: CamsSettings['credentials'];
  #revision = 0;
  /** Whether the file, as it is now, was refused. */
  #isRefused = false;
  /** The latest reload. They run one after the other. */
  #reloads: Promise<unknown> = Promise.resolve();
  #reloading = 0;

  constructor(
    private readonly config: Config,
    private readonly metrics: Metrics,
  ) {
    this.#defaultCredentials = config.cams.credentials;
  }

  // Not in the constructor: Nest would log an error with its stack before the faults can be printed.
  onModuleInit(): void {
    const result = atOnce(this.#read());
    if ('faults' in result) throw new ConfigError(result.faults.map((fault) => this.#located(fault)));
    this.#tenants = atOnce(buildTenants(result.file, NO_TENANTS));
    this.metrics.tenants.set(this.tenantCount);
    this.#watched.start();
  }

  onModuleDestroy(): void {
    this.#watched.close();
    this.#listeners.clear();
  }

  get tenantCount(): number {
    return this.#tenants.byId.size;
  }

  /** Increases by one with each applied change. */
  get revision(): number {
    return this.#revision;
  }

  /** By ID. Always includes the account `default`. */
  get accounts(): ReadonlyMap<string, Account> {
    return this.#tenants.accounts;
  }

  /** In the order of the tenants file. */
  get tenants(): Iterable<Tenant> {
    return Array.from(this.#tenants.byId.values(), ({ tenant }) => tenant);
  }

  tenant(id: string): Tenant | undefined {
    return this.#tenants.byId.get(id)?.tenant;
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

  /** Sets the credentials of account `default` for the next reload. Returns whether they differ. */
  useDefaultCredentials(credentials: CamsSettings['credentials']): boolean {
    const isNew = !isDeepStrictEqual(this.#defaultCredentials, credentials);
    this.#defaultCredentials = credentials;
    return isNew;
  }

  /** Like {@link reload}, but also logs that nothing has changed, because an operator asked. */
  async reloadOnRequest(): Promise<ReloadOutcome> {
    const outcome = await this.reload();
    if (outcome === 'unchanged') this.#logger.log('reloaded the tenants file: nothing has changed');
    return outcome;
  }

  /**
   * Reloads the tenants file and the files that it references, and applies them if they have no faults. Handles requests
   * meanwhile, according to the current state.
   */
  reload(): Promise<ReloadOutcome> {
    this.#reloading += 1;
    const outcome = this.#reloads.then(() => this.#reload()).finally(() => (this.#reloading -= 1));
    this.#reloads = outcome.catch(() => {
      // The caller gets the error; the next reload must run all the same.
    });
    return outcome;
  }

  /** A change during a reload is reported again after it. */
  #reloadUnlessReloading(): void {
    if (this.#reloading === 0) void this.reload();
  }

  async #reload(): Promise<ReloadOutcome> {
    let tenants: Tenants;
    try {
      const result = await inSlices(this.#read());
      if ('faults' in result) return this.#refuse(result.faults);
      tenants = await inSlices(buildTenants(result.file, this.#tenants));
    } catch (error) {
      return this.#refuseByBug(error);
    }
    const wasRefused = this.#isRefused;
    this.#isRefused = false;
    this.metrics.tenantsReloadSuccessful.set(1);
    if (tenants === this.#tenants) {
      // Otherwise nothing would tell the operator that the errors above no longer apply.
      if (wasRefused) this.#logger.log('the tenants file is valid and in force again, without changes');
      return 'unchanged';
    }
    this.#tenants = tenants;
    this.#revision += 1;
    this.metrics.tenantsReloads.inc({ outcome: 'applied' });
    this.metrics.tenants.set(this.tenantCount);
    const again = wasRefused ? '; the file is in force again' : '';
    const { size } = tenants.byId;
    this.#logger.log(`applied the tenants file with ${size} ${size === 1 ? 'tenant' : 'tenants'}${again}`);
    for (const listener of this.#listeners) this.#tell(listener);
    return 'applied';
  }

  #tell(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.#logger.error({
        msg: 'applied the tenants file, but a part of the gateway did not follow: a bug in the gateway; report it with this line',
        err: error instanceof Error ? error : new Error('not an error'),
      });
    }
  }

  #refuse(faults: readonly string[]): ReloadOutcome {
    this.#noteRefusal();
    // First, so that it is logged even if the faults are more than can be written.
    this.#logger.error(
      'rejected the tenants file, keeping the current tenants: once you fix these faults, the file is reloaded',
    );
    for (const fault of faults) this.#logger.error(`fault in ${this.#located(fault)}`);
    return 'refused';
  }

  /** The timer of the watcher and the signal handler have nothing above them that would catch the error. */
  #refuseByBug(error: unknown): ReloadOutcome {
    this.#noteRefusal();
    this.#logger.error({
      msg: 'rejected the tenants file, keeping the current tenants: a bug in the gateway; report it with this line',
      // The logger redacts errors under this name, but not other values.
      err: error instanceof Error ? error : new Error('not an error'),
    });
    return 'refused';
  }

  #noteRefusal(): void {
    this.#isRefused = true;
    this.metrics.tenantsReloadSuccessful.set(0);
    this.metrics.tenantsReloads.inc({ outcome: 'refused' });
  }

  #located(fault: string): string {
    return `TENANTS_FILE ${this.config.tenancy.file}: ${fault}`;
  }

  *#read(): SlicedWork<TenantsFileResult> {
    const { file } = this.config.tenancy;
    this.#watched.forget();
    this.#watched.aboutToRead(file);
    let text: string;
    try {
      text = readTextFile(file, MAX_TENANTS_FILE_BYTES);
    } catch (error) {
      return { faults: [readFailure(error)] };
    }
    return yield* readTenantsFile(text, {
      secret: this.config.secret,
      readSecretFile: (name) => this.#readSecretFile(resolve(dirname(file), name)),
      defaultCredentials: this.#defaultSource(),
      refusedDigests: refusedDemoDigests(this.config),
    });
  }

  #readSecretFile(path: string): string {
    this.#watched.aboutToRead(path);
    return readTextFile(path, MAX_SECRET_BYTES);
  }

  #defaultSource(): CredentialSource {
    const credentials = this.#defaultCredentials;
    return credentials === null ? { kind: 'chain' } : { kind: 'static', ...credentials, isOfSettings: true };
  }
}
