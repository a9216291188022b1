import { clientLeft } from '../errors/gateway-error.js';
import type { BypassReason } from '../telemetry/metrics.js';
import type { TenantScope } from '../tenancy/tenant-scope.js';
import { BYPASS, COLLAPSED, type CachedPage, MISS, MISS_STORED, listedNow } from './cached-page.js';
import type { CacheTelemetry } from './cache-telemetry.js';
import { SharedPauses, TrailingCoalescer } from './coalescing.js';
import { type Flight, Flights, type Lease, share } from './flights.js';
import { pageKey } from './page-keys.js';
import { type L1PageCache, type ParsedPage, listingOf, serialise } from './l1-page-cache.js';
import {
  type PageKey,
  type PageLifetimes,
  type LookupResult,
  type PageStore,
  StoreUnavailable,
} from './stores/page-store.js';
import { listFailureOf, recentFailure } from './list-failure.js';
import { type FoundPage, PageLookups } from './page-lookups.js';
import { orStalePage } from './stale-if-error.js';
import type { TenantPages } from './tenant-pages.js';
import { listedInTime } from './listed-in-time.js';

/** How to list a page upstream, and how long to cache it. */
export interface PageSource<T> {
  readonly list: () => Promise<T>;
  readonly lifetimes: (value: T) => PageLifetimes;
  /** The reader's deadline (`performance.now()`). */
  readonly deadlineMs: number;
}

/** One read. */
interface Read<T> {
  readonly key: PageKey;
  readonly scope: TenantScope;
  readonly source: PageSource<T>;
  /** Why the cache was bypassed. */
  bypass?: BypassReason;
}

const FOLLOW_FIRST_MS = 15;
const FOLLOW_GROWTH = 1.5;
const FOLLOW_LONGEST_MS = 120;

/** The read side of the protocol. Steps and names follow docs/coherence.md, "Read". */
export class PageReads {
  readonly #lookups: PageLookups;
  readonly #flights = new Flights();
  /** Leases of readers that were refused. A reader that shares the lookup of another one shares its lease. */
  readonly #passedOn = new WeakSet<Lease>();
  readonly #direct = new TrailingCoalescer<CachedPage<unknown>>();
  readonly #pauses: SharedPauses;

  constructor(
    private readonly store: PageStore,
    private readonly l1: L1PageCache,
    private readonly telemetry: CacheTelemetry,
    pause: (ms: number) => Promise<unknown>,
    private readonly pages: TenantPages,
  ) {
    this.#lookups = new PageLookups(store, l1);
    this.#pauses = new SharedPauses(pause);
  }

  async read<T>(
    scope: TenantScope,
    meta: string,
    name: string,
    source: PageSource<T>,
  ): Promise<CachedPage<T>> {
    const read = readOf(scope, meta, name, source);
    const { held } = scope.request;
    if (this.#mayBeHit(read)) held?.suspendPlace();
    else held?.requirePlace();
    try {
      return this.#counted(read, await this.#throughStore(read));
    } catch (error) {
      if (error instanceof StoreUnavailable) return this.#readDirectly(read, 'store_unavailable');
      this.telemetry.readFailed();
      throw error;
    }
  }

  /** Bypasses the store: for a scope with writes of this process that the store has not confirmed. */
  readPast<T>(scope: TenantScope, meta: string, name: string, source: PageSource<T>): Promise<CachedPage<T>> {
    return this.#readDirectly(readOf(scope, meta, name, source), 'unconfirmed_write');
  }

  /** Whether the process has a page that has not expired. A write since may have made it invalid. */
  #mayBeHit<T>({ key, source }: Read<T>): boolean {
    const known = this.l1.known(key);
    if (!known) return false;
    const { freshMs, staleWhileRevalidateMs } = source.lifetimes(known.value as T);
    return Date.now() < known.asOfMs + freshMs + staleWhileRevalidateMs;
  }

  async #readDirectly<T>(read: Read<T>, reason: BypassReason): Promise<CachedPage<T>> {
    try {
      read.scope.request.held?.requirePlace();
      return this.#counted(read, await this.#listDirectly(read, reason));
    } catch (error) {
      this.telemetry.readFailed();
      throw error;
    }
  }

  #counted<T>(read: Read<T>, page: CachedPage<unknown>): CachedPage<T> {
    this.telemetry.read(page, read.bypass);
    return page as CachedPage<T>;
  }

  async #throughStore<T>(read: Read<T>): Promise<CachedPage<unknown>> {
    const { deadlineMs } = read.source;
    // A follower whose leader does not finish must have time left to list for itself.
    const followUntilMs = performance.now() + (deadlineMs - performance.now()) / 2;
    for (let delayMs = FOLLOW_FIRST_MS; ; delayMs = Math.min(delayMs * FOLLOW_GROWTH, FOLLOW_LONGEST_MS)) {
      const found = await this.#lookups.find(read.key, read.scope);
      if (found.page) read.scope.request.held?.resumePlace();
      else this.#requirePlace(read, found.lookup);
      // Jitter spreads the lookups of followers in several processes.
      const pauseMs = delayMs * (0.5 + Math.random());
      const inVain = performance.now() + pauseMs >= followUntilMs;
      const answer =
        this.#answer(read, found) ?? (inVain ? this.#listDirectly(read, 'slow_leader') : undefined);
      if (answer) return found.staleIfError ? orStalePage(answer, found.staleIfError) : answer;
      await this.#pauses.wait(read.key.page, pauseMs);
      if (read.scope.request.interest.isLost) throw clientLeft();
    }
  }

  /** Throws `RATE_LIMITED` if the request may only cost as much as a cached page. */
  #requirePlace<T>({ key, scope }: Read<T>, lookup: LookupResult): void {
    try {
      scope.request.held?.requirePlace();
    } catch (error) {
      if (lookup.kind === 'leader' && !this.#passedOn.has(lookup)) {
        this.#passedOn.add(lookup);
        setImmediate(() => this.#passOn(key, lookup));
      }
      throw error;
    }
  }

  /** Passes on the lease of a reader that was refused, once those who share its lookup have decided whether to use it. */
  #passOn(key: PageKey, lease: Lease): void {
    const flight = this.#flights.of(key, lease.generation);
    if (flight) flight.lease = lease;
    else void this.#giveBack(key, lease, undefined);
  }

  /** Acts on a lookup; `undefined` if a follower must look up again. Do not await anything between the two. */
  #answer<T>(read: Read<T>, { lookup, page }: FoundPage): Promise<CachedPage<unknown>> | undefined {
    if (lookup.kind === 'stale-leader') this.#refresh(read, lookup);
    if (page) return Promise.resolve(page);
    switch (lookup.kind) {
      case 'leader':
        return this.#lead(read, lookup);
      case 'follower': {
        const flight = this.#flights.of(read.key, lookup.generation);
        return flight && this.#join(read, flight);
      }
      case 'error-held':
        return Promise.reject(recentFailure(lookup.failure));
      default:
        return this.#listDirectly(read, 'recent_write');
    }
  }

  #refresh<T>(read: Read<T>, lease: Lease): void {
    const refreshed = this.#lead(read, lease);
    // The reader does not wait: it gets the stale page.
    read.scope.request.interest.keepUntil(refreshed);
    refreshed.catch(() => {
      // The failed call was already counted, and its lease released.
    });
  }

  /** Step 2: lists as the leader. Readers that shared the leader's lookup share its list. */
  #lead<T>(read: Read<T>, lease: Lease): Promise<CachedPage<unknown>> {
    const flight = this.#flights.of(read.key, lease.generation);
    if (flight) {
      flight.lease = lease;
      return this.#join(read, flight);
    }
    return this.#flights.begin(read.key, lease, read.scope.request, (own) => this.#listAndStore(read, own))
      .page;
  }

  /** Step 3, within this process: joins a list of the generation that this reader's own lookup returned. */
  async #join<T>(read: Read<T>, flight: Flight): Promise<CachedPage<unknown>> {
    share(flight, read.scope.request);
    return { ...(await listedInTime(flight.page, read.source.deadlineMs)), ...COLLAPSED };
  }

  async #listAndStore<T>(read: Read<T>, flight: Flight): Promise<CachedPage<unknown>> {
    const sentAtMs = performance.now();
    const asOfMs = Date.now();
    let value: T;
    try {
      // A lease granted from here on must list for itself: this flight would not release it.
      value = await read.source.list().finally(() => this.#flights.landed(flight));
    } catch (error) {
      await this.#giveBack(read.key, flight.lease, error);
      throw error;
    }
    const ageMs = performance.now() - sentAtMs;
    const stored = await this.#storeList(read, flight.lease, { value, ageMs, asOfMs });
    return listedNow(value, asOfMs, stored ? MISS_STORED : MISS, stored && listingOf(stored));
  }

  /** Returns the page as stored, `undefined` if it was not. The reader gets its list either way. */
  async #storeList<T>(
    { key, scope, source }: Read<T>,
    { generation, token }: Lease,
    { value, ageMs, asOfMs }: { readonly value: T; readonly ageMs: number; readonly asOfMs: number },
  ): Promise<ParsedPage | undefined> {
    const payload = serialise(scope.key, value);
    const lifetimes = source.lifetimes(value);
    try {
      const revision = await this.store.store(key, { generation, token, payload, ageMs, lifetimes });
      if (revision === undefined) return undefined;
      const lifeMs = Math.max(...Object.values(lifetimes)) - ageMs;
      const own = { key, revision, bytes: Buffer.byteLength(payload) };
      for (const old of this.pages.stored(scope.tenant, own, lifeMs))
        this.store.drop(old.key, old.revision).catch(unlessUnavailable);
      return this.l1.remember(key, { revision, value, asOfMs }, payload.length);
    } catch (error) {
      if (error instanceof StoreUnavailable) return undefined;
      throw error;
    }
  }

  /** Step 5: releases the lease. */
  async #giveBack(key: PageKey, lease: Lease, error: unknown): Promise<void> {
    // If the store is unavailable, the lease expires.
    await this.store.fail(key, lease, listFailureOf(error)).catch(unlessUnavailable);
  }

  /** Step 4: lists with trailing coalescing, and stores nothing. */
  #listDirectly<T>(read: Read<T>, reason: BypassReason): Promise<CachedPage<T>> {
    const { key, source, scope } = read;
    read.bypass = reason;
    const listed = this.#direct.run(key.page, scope.request.interest, async () => {
      const asOfMs = Date.now();
      return listedNow(await source.list(), asOfMs, BYPASS);
    });
    return listedInTime(listed as Promise<CachedPage<T>>, source.deadlineMs);
  }
}

function readOf<T>(scope: TenantScope, meta: string, name: string, source: PageSource<T>): Read<T> {
  return { key: pageKey(meta, name, scope.tenant.id), scope, source };
}

function unlessUnavailable(error: unknown): void {
  if (!(error instanceof StoreUnavailable)) throw error;
}
