import { setTimeout as sleep } from 'node:timers/promises';
import type { OnModuleDestroy } from '@nestjs/common';
import type { TenantScope } from '../tenancy/tenant-scope.js';
import type { OnTenantsRemoved, RemovedTenants } from '../util/removed-tenants.js';
import type { CachedPage } from './cached-page.js';
import { TickBatcher } from './coalescing.js';
import { PendingInvalidations } from './pending-invalidations.js';
import { metaKey } from './page-keys.js';
import type { L1PageCache } from './l1-page-cache.js';
import { PageReads, type PageSource } from './page-reads.js';
import type { CacheTelemetry } from './cache-telemetry.js';
import { inReadSpan } from './read-span.js';
import { TenantPages } from './tenant-pages.js';
import { type PageStore, StoreUnavailable } from './stores/page-store.js';
import { type Confirm, type WriteIntentOptions, WriteIntent, confirmWith } from './write-intent.js';

export interface PageCacheOptions extends WriteIntentOptions {
  /** The maximum lifetime of a stored page, in ms. */
  readonly pageLifeMs: number;
  readonly telemetry: CacheTelemetry;
  /** Waits; a timer by default. */
  readonly pause?: (ms: number) => Promise<unknown>;
}

/**
 * The coherent page cache: after a write was acknowledged as `COHERENT`, no later read through any replica returns a
 * list from before the write. Steps and names follow docs/coherence.md.
 */
export class PageCache implements OnModuleDestroy, OnTenantsRemoved {
  readonly #reads: PageReads;
  readonly #pages = new TenantPages();
  readonly #pending: PendingInvalidations;
  readonly #generations = new TickBatcher<string | undefined>();
  readonly #confirm: Confirm;

  constructor(
    private readonly store: PageStore,
    private readonly layer: L1PageCache,
    private readonly options: PageCacheOptions,
  ) {
    const { pause = sleep, telemetry } = options;
    this.#confirm = confirmWith(pause);
    this.#reads = new PageReads(store, layer, telemetry, pause, this.#pages);
    this.#pending = new PendingInvalidations(store, options.intentMs + options.pageLifeMs, (scopes) =>
      telemetry.unconfirmed(scopes),
    );
  }

  onModuleDestroy(): void {
    this.#pending.close();
  }

  onTenantsRemoved(removed: RemovedTenants): void {
    this.#pages.forget(removed);
    this.layer.forget(removed);
  }

  /** Returns a page that reflects every write acknowledged as coherent before this call. `name` is unique per scope. */
  async read<T>(scope: TenantScope, name: string, source: PageSource<T>): Promise<CachedPage<T>> {
    const meta = metaKey(scope);
    return inReadSpan(scope.request, () =>
      // The store has not confirmed a write of this process: its pages may be outdated.
      this.#pending.has(meta)
        ? this.#reads.readPast(scope, meta, name, source)
        : this.#reads.read(scope, meta, name, source),
    );
  }

  /** Returns the intent of a write to the scope. Does not call the store yet. */
  openWrite(scope: TenantScope): WriteIntent {
    return new WriteIntent(this.store, this.#pending, this.#confirm, metaKey(scope), this.options);
  }

  /** Invalidates the stored pages of the scope. Returns whether the store confirmed it. */
  async invalidate(scope: TenantScope): Promise<boolean> {
    const meta = metaKey(scope);
    // Pending invalidations of this scope are already being retried in the background.
    const tell = !this.#pending.has(meta);
    if (tell && (await this.#confirm(() => this.store.bump(meta))) === 'confirmed') return true;
    this.#pending.bumpLater(meta);
    return false;
  }

  /**
   * Returns the current generation of the scope. A fact read upstream after this call holds while the generation stays
   * the same. `undefined` while nothing may be remembered, or if the store is unavailable.
   */
  async generation(scope: TenantScope): Promise<string | undefined> {
    const meta = metaKey(scope);
    if (this.#pending.has(meta)) return undefined;
    try {
      return await this.#generations.call(meta, () => this.store.generation(meta));
    } catch (error) {
      if (error instanceof StoreUnavailable) return undefined;
      throw error;
    }
  }
}
