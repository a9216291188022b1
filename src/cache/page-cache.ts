import { setTimeout as sleep } from 'node:timers/promises';
import type { OnModuleDestroy } from '@nestjs/common';
import type { TenantScope } from '../tenancy/tenant-scope.js';
import type { CachedPage } from './cached-page.js';
import { TickBatcher } from './coalescing.js';
import { PendingInvalidations } from './pending-invalidations.js';
import { metaKey } from './page-keys.js';
import type { L1PageCache } from './l1-page-cache.js';
import { PageReads, type PageSource } from './page-reads.js';
import { type PageStore, StoreUnavailable } from './stores/page-store.js';
import { type Confirm, type WriteIntentOptions, WriteIntent, confirmWith } from './write-intent.js';

export interface PageCacheOptions extends WriteIntentOptions {
  /** The longest life of a stored page, in ms. */
  readonly pageLifeMs: number;
  /** How it waits; by the clock unless told. */
  readonly pause?: (ms: number) => Promise<unknown>;
}

/**
 * The coherent page cache: after a write was acknowledged as `COHERENT`, no read that starts later, through any
 * replica, returns a list from before it. Steps and names are those of docs/coherence.md.
 */
export class PageCache implements OnModuleDestroy {
  readonly #reads: PageReads;
  readonly #pending: PendingInvalidations;
  readonly #generations = new TickBatcher<string | undefined>();
  readonly #confirm: Confirm;

  constructor(
    private readonly store: PageStore,
    layer: L1PageCache,
    private readonly options: PageCacheOptions,
  ) {
    const { pause = sleep } = options;
    this.#confirm = confirmWith(pause);
    this.#reads = new PageReads(store, layer, pause);
    this.#pending = new PendingInvalidations(store, options.intentMs + options.pageLifeMs);
  }

  onModuleDestroy(): void {
    this.#pending.close();
  }

  /** A page, at least as new as every write acknowledged as coherent before this call. `name` is unique in the scope. */
  async read<T>(scope: TenantScope, name: string, source: PageSource<T>): Promise<CachedPage<T>> {
    const meta = metaKey(scope);
    // Who could not tell the store of a write knows better than the store.
    return this.#pending.has(meta)
      ? this.#reads.readPast(scope, meta, name, source)
      : this.#reads.read(scope, meta, name, source);
  }

  /** The intent of a write to the scope; nothing is told to the store yet. */
  openWrite(scope: TenantScope): WriteIntent {
    return new WriteIntent(this.store, this.#pending, this.#confirm, metaKey(scope), this.options);
  }

  /** Says that what is stored of the scope may be outdated. Whether the store confirmed it. */
  async invalidate(scope: TenantScope): Promise<boolean> {
    const meta = metaKey(scope);
    // Who owes the store something already tells it all in the background.
    const tell = !this.#pending.has(meta);
    if (tell && (await this.#confirm(() => this.store.bump(meta))) === 'confirmed') return true;
    this.#pending.bumpLater(meta);
    return false;
  }

  /**
   * A name for what is current: a fact that was read upstream after this call holds while the answer is the same.
   * `undefined` while nothing may be remembered, and where the store cannot tell.
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
