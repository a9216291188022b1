import { setTimeout as sleep } from 'node:timers/promises';
import type { OnModuleDestroy } from '@nestjs/common';
import { GatewayError } from '../errors/gateway-error.js';
import type { TenantScope } from '../tenancy/tenant-scope.js';
import type { CachedPage } from './cached-page.js';
import { TickBatcher } from './coalescing.js';
import { PendingInvalidations } from './pending-invalidations.js';
import { metaKey } from './page-keys.js';
import type { L1PageCache } from './l1-page-cache.js';
import { PageReads, type PageSource } from './page-reads.js';
import { type PageStore, StoreUnavailable } from './stores/page-store.js';
import { randomToken } from '../util/random-token.js';

/** What a write may promise to reads that start after its answer. */
export type CoherenceLevel = 'COHERENT' | 'BOUNDED';

export interface PageCacheOptions {
  /** `strict`: a write is refused while the store cannot be told of it. */
  readonly coherence: 'available' | 'strict';
  /** Deadline of one upstream call, in ms. */
  readonly callMs: number;
  /** TQ, in ms. */
  readonly intentMs: number;
  /** The longest life of a stored page, in ms. */
  readonly pageLifeMs: number;
  /** How it waits; by the clock unless told. */
  readonly pause?: (ms: number) => Promise<unknown>;
}

/** What the store confirmed of a step. After `timed out`, nobody waits for it again for this write. */
type Confirmation = 'confirmed' | 'failed' | 'timed out';

/** Pauses between the tries to confirm a step, in ms. */
const CONFIRM_PAUSES_MS = [20, 60, 150];

/**
 * The coherent page cache: after a write was acknowledged as `COHERENT`, no read that starts later, through any
 * replica, returns a list from before it. Steps and names are those of docs/coherence.md.
 */
export class PageCache implements OnModuleDestroy {
  readonly #reads: PageReads;
  readonly #pending: PendingInvalidations;
  readonly #generations = new TickBatcher<string | undefined>();
  readonly #pause: (ms: number) => Promise<unknown>;

  constructor(
    private readonly store: PageStore,
    layer: L1PageCache,
    private readonly options: PageCacheOptions,
  ) {
    this.#pause = options.pause ?? sleep;
    this.#reads = new PageReads(store, layer, this.#pause);
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

  /**
   * Runs one write of the scope. `send` calls `begin` when it has its permit, right before the upstream call.
   * Throws what `send` throws; with `strict`, `COHERENCE_UNAVAILABLE` before anything is sent.
   */
  async write<T>(
    scope: TenantScope,
    send: (begin: () => Promise<void>) => Promise<T>,
  ): Promise<{ readonly value: T; readonly coherence: CoherenceLevel }> {
    const meta = metaKey(scope);
    const token = newToken();
    let begun: Confirmation | undefined;
    let value: T;
    try {
      value = await send(async () => {
        begun = await this.#begin(meta, token);
      });
    } catch (error) {
      if (begun) await this.#afterError(meta, token, begun, error);
      throw error;
    }
    return { value, coherence: await this.#end(meta, token, begun) };
  }

  /** Says that what is stored of the scope may be outdated. Whether the store confirmed it. */
  async invalidate(scope: TenantScope): Promise<boolean> {
    const meta = metaKey(scope);
    // Who owes the store something already tells it all in the background.
    const tell = !this.#pending.has(meta);
    if (tell && (await this.#confirm(() => this.store.bump(meta))) === 'confirmed') return true;
    this.#bumpLater(meta);
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

  async #begin(meta: string, token: string): Promise<Confirmation> {
    const startedAtMs = performance.now();
    const confirmation = await this.#confirm(() => this.store.begin(meta, token), []);
    if (this.options.coherence === 'available') return confirmation;
    const leftMs = this.options.intentMs - (performance.now() - startedAtMs);
    // An intent that may not outlive the call protects nobody.
    if (confirmation === 'confirmed' && leftMs >= this.options.callMs) return confirmation;
    // It may have begun all the same, and nobody must wait for the end of a write that was not sent.
    this.#pending.add(meta, token);
    const detail = 'The cache store cannot be told of the write. Nothing was sent.';
    throw new GatewayError('COHERENCE_UNAVAILABLE', detail, { retryAfterSeconds: 1 });
  }

  async #end(meta: string, token: string, begun: Confirmation | undefined): Promise<CoherenceLevel> {
    if (begun !== 'timed out') {
      // A store that was not there a moment ago is asked once.
      const pausesMs = begun === 'failed' ? [] : CONFIRM_PAUSES_MS;
      if ((await this.#confirm(() => this.store.end(meta, token), pausesMs)) === 'confirmed')
        return 'COHERENT';
    }
    this.#pending.add(meta, token);
    return 'BOUNDED';
  }

  async #afterError(meta: string, token: string, begun: Confirmation, error: unknown): Promise<void> {
    // Only an error of the catalogue says for sure that nothing was executed.
    const known = error instanceof GatewayError && error.code !== 'OUTCOME_UNKNOWN';
    if (known) await this.#end(meta, token, begun);
    else await this.#keepIntent(meta, token, begun);
  }

  /** New generation; the intent of a write that may still be applied stays until it can no longer be. */
  async #keepIntent(meta: string, token: string, begun: Confirmation): Promise<void> {
    if (begun !== 'timed out') {
      // To begin does what a bump does, and makes the intent that may be missing.
      const step = begun === 'confirmed' ? () => this.store.bump(meta) : () => this.store.begin(meta, token);
      if ((await this.#confirm(step)) === 'confirmed') return;
    }
    this.#bumpLater(meta);
  }

  /** To end a write that nobody began does what a bump does. */
  #bumpLater(meta: string): void {
    this.#pending.add(meta, newToken());
  }

  /** Tries a step again after a refusal or a lost connection, never after a timeout: a caller waits for that once. */
  async #confirm(
    step: () => Promise<void>,
    pausesMs: readonly number[] = CONFIRM_PAUSES_MS,
  ): Promise<Confirmation> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await step();
        return 'confirmed';
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        if (error.timedOut) return 'timed out';
        const pauseMs = pausesMs[attempt];
        if (pauseMs === undefined) return 'failed';
        await this.#pause(pauseMs);
      }
    }
  }
}

function newToken(): string {
  return randomToken();
}
