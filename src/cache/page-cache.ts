import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OnModuleDestroy } from '@nestjs/common';
import { GatewayError } from '../common/errors.js';
import type { TenantScope } from '../tenancy/tenant-scope.js';
import type { CachedPage } from './cached-page.js';
import { OwedEnds } from './owed-ends.js';
import { metaKey } from './page-keys.js';
import type { PageLayer } from './page-layer.js';
import { PageReads, type PageSource } from './page-reads.js';
import { type PageStore, StoreUnavailable } from './page-store.js';

/** What a write may promise to reads that start after its answer. */
export type Coherence = 'COHERENT' | 'BOUNDED';

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

/** What the store confirmed of the beginning of a write. */
type Begun = 'no' | 'unconfirmed' | 'confirmed';

/** Pauses between the tries to confirm a step, in ms. */
const CONFIRM_PAUSES_MS = [20, 60, 150];

/**
 * The coherent page cache: after a write was acknowledged as `COHERENT`, no read that starts later, through any
 * replica, returns a list from before it. Steps and names are those of docs/coherence.md.
 */
export class PageCache implements OnModuleDestroy {
  readonly #reads: PageReads;
  readonly #owed: OwedEnds;
  readonly #pause: (ms: number) => Promise<unknown>;

  constructor(
    private readonly store: PageStore,
    layer: PageLayer,
    private readonly options: PageCacheOptions,
  ) {
    this.#pause = options.pause ?? sleep;
    this.#reads = new PageReads(store, layer, this.#pause);
    this.#owed = new OwedEnds(store, options.intentMs + options.pageLifeMs);
  }

  onModuleDestroy(): void {
    this.#owed.close();
  }

  /** A page, at least as new as every write acknowledged as coherent before this call. `name` is unique in the scope. */
  async read<T>(scope: TenantScope, name: string, source: PageSource<T>): Promise<CachedPage<T>> {
    const meta = metaKey(scope);
    // Who could not tell the store of a write knows better than the store.
    return this.#owed.has(meta)
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
  ): Promise<{ readonly value: T; readonly coherence: Coherence }> {
    const meta = metaKey(scope);
    const token = newToken();
    let begun: Begun = 'no';
    let value: T;
    try {
      value = await send(async () => {
        begun = await this.#begin(meta, token);
      });
    } catch (error) {
      await this.#afterError(meta, token, begun, error);
      throw error;
    }
    return { value, coherence: await this.#end(meta, token, begun) };
  }

  /** Says that what is stored of the scope may be outdated. Whether the store confirmed it. */
  async invalidate(scope: TenantScope): Promise<boolean> {
    const meta = metaKey(scope);
    if (await this.#confirmed(() => this.store.bump(meta))) return true;
    // To end a write that nobody began does what the bump would have done.
    this.#owed.owe(meta, newToken());
    return false;
  }

  async #begin(meta: string, token: string): Promise<Begun> {
    const startedAtMs = performance.now();
    const told = await this.#confirmed(() => this.store.begin(meta, token), []);
    const leftMs = this.options.intentMs - (performance.now() - startedAtMs);
    // An intent that may not outlive the call protects nobody.
    const protects = told && leftMs >= this.options.callMs;
    if (protects || this.options.coherence === 'available') return told ? 'confirmed' : 'unconfirmed';
    const detail = 'The cache store cannot be told of the write. Nothing was sent.';
    throw new GatewayError('COHERENCE_UNAVAILABLE', detail, { retryAfterSeconds: 1 });
  }

  async #end(meta: string, token: string, begun: Begun): Promise<Coherence> {
    // A store that was not there a moment ago is asked once: a write must not wait for it twice.
    const pausesMs = begun === 'unconfirmed' ? [] : CONFIRM_PAUSES_MS;
    if (await this.#confirmed(() => this.store.end(meta, token), pausesMs)) return 'COHERENT';
    this.#owed.owe(meta, token);
    return 'BOUNDED';
  }

  async #afterError(meta: string, token: string, begun: Begun, error: unknown): Promise<void> {
    if (begun === 'no') return;
    // Only an error of the catalogue says for sure that nothing was executed.
    const known = error instanceof GatewayError && error.code !== 'OUTCOME_UNKNOWN';
    // The intent of a write that may still be applied stays until it can no longer be.
    if (!known) await this.#confirmed(() => this.store.bump(meta));
    else await this.#end(meta, token, begun);
  }

  async #confirmed(
    step: () => Promise<void>,
    pausesMs: readonly number[] = CONFIRM_PAUSES_MS,
  ): Promise<boolean> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await step();
        return true;
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        const pauseMs = pausesMs[attempt];
        if (pauseMs === undefined) return false;
        await this.#pause(pauseMs);
      }
    }
  }
}

function newToken(): string {
  return randomBytes(12).toString('base64url');
}
