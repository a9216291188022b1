import { GatewayError } from '../errors/gateway-error.js';
import type { TenantScope } from '../tenancy/tenant-scope.js';
import {
  BYPASS,
  COLLAPSED,
  type CachedPage,
  MISS,
  MISS_STORED,
  hitStatus,
  listedNow,
} from './cached-page.js';
import { TickBatcher, SharedPauses, TrailingCoalescer } from './coalescing.js';
import { pageKey } from './page-keys.js';
import { type L1PageCache, type ParsedPage, serialise } from './l1-page-cache.js';
import type { Listing } from './listing.js';
import {
  type PageKey,
  type PageLifetimes,
  type LookupResult,
  type PageStore,
  StoreUnavailable,
  type StoredPage,
} from './stores/page-store.js';
import { isUpstreamFailure, openedLater, orStalePage, type StalePage } from './stale-if-error.js';
import { listedInTime } from './listed-in-time.js';

/** How a page is listed upstream, and how long what was listed lives. */
export interface PageSource<T> {
  readonly list: () => Promise<T>;
  readonly lifetimes: (value: T) => PageLifetimes;
  /** Until when the reader can wait, `performance.now()`. */
  readonly deadlineMs: number;
}

/** One read, on its way through the steps. */
interface Read<T> {
  readonly key: PageKey;
  readonly scopeKey: string;
  readonly source: PageSource<T>;
}

/** A lookup, and what it found, once for all who shared it. */
interface FoundPage {
  readonly lookup: LookupResult;
  /** The answer. */
  readonly page?: CachedPage<unknown>;
  /** The page that may be the answer if the list that the lookup leads to fails. */
  readonly staleIfError?: StalePage;
}

type Lease = Extract<LookupResult, { token: string }>;

/** A leader's list that is under way. */
interface Flight {
  readonly name: string;
  /** The latest that was given to this process for this page and generation: the first may have ended in a long queue. */
  lease: Lease;
  readonly page: Promise<CachedPage<unknown>>;
}

const FOLLOW_FIRST_MS = 15;
const FOLLOW_GROWTH = 1.5;
const FOLLOW_LONGEST_MS = 120;

/** The read side of the protocol. Steps and names are those of docs/coherence.md, "Read". */
export class PageReads {
  /** Step 1, shared by reads that arrive before it is sent. */
  readonly #lookups = new TickBatcher<FoundPage>();
  /** Lists of leaders, by page **and generation**: a reader joins only what its own lookup says is still current. */
  readonly #flights = new Map<string, Flight>();
  readonly #direct = new TrailingCoalescer<CachedPage<unknown>>();
  readonly #pauses: SharedPauses;

  constructor(
    private readonly store: PageStore,
    private readonly l1: L1PageCache,
    pause: (ms: number) => Promise<unknown>,
  ) {
    this.#pauses = new SharedPauses(pause);
  }

  async read<T>(
    scope: TenantScope,
    meta: string,
    name: string,
    source: PageSource<T>,
  ): Promise<CachedPage<T>> {
    const read: Read<T> = { key: pageKey(meta, name), scopeKey: scope.key, source };
    try {
      return (await this.#throughStore(read)) as CachedPage<T>;
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      return this.#listDirectly(read);
    }
  }

  /** Past the store: for a scope of which this process knows more than the store does. */
  readPast<T>(scope: TenantScope, meta: string, name: string, source: PageSource<T>): Promise<CachedPage<T>> {
    return this.#listDirectly({ key: pageKey(meta, name), scopeKey: scope.key, source });
  }

  async #throughStore<T>(read: Read<T>): Promise<CachedPage<unknown>> {
    const { deadlineMs } = read.source;
    // Who follows in vain must have time left to list.
    const followUntilMs = performance.now() + (deadlineMs - performance.now()) / 2;
    for (let delayMs = FOLLOW_FIRST_MS; ; delayMs = Math.min(delayMs * FOLLOW_GROWTH, FOLLOW_LONGEST_MS)) {
      const found = await this.#lookup(read);
      // Jitter, so that followers in several processes do not all look at once.
      const pauseMs = delayMs * (0.5 + Math.random());
      const inVain = performance.now() + pauseMs >= followUntilMs;
      const answer = this.#answer(read, found) ?? (inVain ? this.#listDirectly(read) : undefined);
      if (answer) return found.staleIfError ? orStalePage(answer, found.staleIfError) : answer;
      await this.#pauses.wait(read.key.page, pauseMs);
    }
  }

  #lookup<T>({ key, scopeKey }: Read<T>): Promise<FoundPage> {
    return this.#lookups.call(key.page, async () => {
      const known = this.l1.known(key);
      const lookup = await this.store.lookup(key, known?.revision);
      const stored = 'page' in lookup ? lookup.page : undefined;
      if (!stored) return { lookup };
      const open = (found: StoredPage) => this.#open(key, scopeKey, found, known);
      if (lookup.kind === 'leader') return { lookup, staleIfError: openedLater(stored, open) };
      const page = open(stored);
      // Followers look again and again: what was parsed need not travel the next time.
      if (page) return lookup.kind === 'follower' ? { lookup, staleIfError: () => page } : { lookup, page };
      // Whatever it is, nobody shall find it again.
      await this.store.bump(key.meta);
      return { lookup: { kind: 'bypass' } };
    });
  }

  /** `undefined` for what is not to be trusted. */
  #open(
    key: PageKey,
    scopeKey: string,
    stored: StoredPage,
    known: Listing | undefined,
  ): CachedPage<unknown> | undefined {
    const found = this.l1.open(key, scopeKey, stored, known);
    if (!found) return undefined;
    return {
      value: found.listing.value,
      asOfMs: found.listing.asOfMs,
      listing: listingOf(found),
      stale: stored.freshForMs <= 0,
      cacheStatus: hitStatus(stored.freshForMs),
    };
  }

  /** What a lookup leads to; `undefined` for a follower who must look again. Nothing may be awaited before it. */
  #answer<T>(read: Read<T>, { lookup, page }: FoundPage): Promise<CachedPage<unknown>> | undefined {
    if (lookup.kind === 'stale-leader') this.#refresh(read, lookup);
    if (page) return Promise.resolve(page);
    switch (lookup.kind) {
      case 'leader':
        return this.#lead(read, lookup);
      case 'follower': {
        const flight = this.#flights.get(flightName(read.key, lookup.generation));
        return flight && this.#join(read, flight);
      }
      case 'error-held':
        return failFast();
      default:
        return this.#listDirectly(read);
    }
  }

  #refresh<T>(read: Read<T>, lease: Lease): void {
    this.#lead(read, lease).catch(() => {
      // Nobody's error here: the old page is the answer. The call was counted where it failed, and the lease given back.
    });
  }

  /** Step 2. Who shared the lookup of a leader shares its list. */
  #lead<T>(read: Read<T>, lease: Lease): Promise<CachedPage<unknown>> {
    const name = flightName(read.key, lease.generation);
    const flight = this.#flights.get(name);
    if (flight) {
      flight.lease = lease;
      return this.#join(read, flight);
    }
    const listed = Promise.withResolvers<CachedPage<unknown>>();
    const own: Flight = { name, lease, page: listed.promise };
    this.#flights.set(name, own);
    this.#listAndStore(read, own).then(listed.resolve, listed.reject);
    return own.page;
  }

  /** Step 3, in this process: a list of the generation that this reader's own lookup named. */
  async #join<T>(read: Read<T>, flight: Flight): Promise<CachedPage<unknown>> {
    return { ...(await listedInTime(flight.page, read.source.deadlineMs)), cacheStatus: COLLAPSED };
  }

  async #listAndStore<T>(read: Read<T>, flight: Flight): Promise<CachedPage<unknown>> {
    const sentAtMs = performance.now();
    const asOfMs = Date.now();
    let value: T;
    try {
      // A lease that is handed out from here on has a list of its own: nobody else would give it back.
      value = await read.source.list().finally(() => this.#flights.delete(flight.name));
    } catch (error) {
      await this.#giveBack(read.key, flight.lease, error);
      throw error;
    }
    const ageMs = performance.now() - sentAtMs;
    const stored = await this.#storeList(read, flight.lease, { value, ageMs, asOfMs });
    return listedNow(value, asOfMs, stored ? MISS_STORED : MISS, stored && listingOf(stored));
  }

  /** The list as it was stored, if it was. Its reader gets its own list either way. */
  async #storeList<T>(
    { key, scopeKey, source }: Read<T>,
    { generation, token }: Lease,
    { value, ageMs, asOfMs }: { readonly value: T; readonly ageMs: number; readonly asOfMs: number },
  ): Promise<ParsedPage | undefined> {
    const payload = serialise(scopeKey, value);
    const lifetimes = source.lifetimes(value);
    try {
      const revision = await this.store.store(key, { generation, token, payload, ageMs, lifetimes });
      if (revision === undefined) return undefined;
      return this.l1.remember(key, { revision, value, asOfMs }, payload.length);
    } catch (error) {
      if (error instanceof StoreUnavailable) return undefined;
      throw error;
    }
  }

  /** Step 5: gives the lease back. */
  async #giveBack(key: PageKey, lease: Lease, error: unknown): Promise<void> {
    try {
      await this.store.fail(key, lease, isUpstreamFailure(error));
    } catch (failure) {
      // The lease ends by itself.
      if (!(failure instanceof StoreUnavailable)) throw failure;
    }
  }

  /** Step 4: trailing coalescing, nothing stored. */
  #listDirectly<T>({ key, source }: Read<T>): Promise<CachedPage<T>> {
    const listed = this.#direct.run(key.page, async () => {
      const asOfMs = Date.now();
      return listedNow(await source.list(), asOfMs, BYPASS);
    });
    return listedInTime(listed as Promise<CachedPage<T>>, source.deadlineMs);
  }
}

/** What is made of a page is kept with it, or not at all. */
function listingOf({ listing, isKept }: ParsedPage): Listing | undefined {
  return isKept ? listing : undefined;
}

function flightName(key: PageKey, generation: string): string {
  return `${key.page} ${generation}`;
}

function failFast(): Promise<never> {
  const detail = 'CAMS failed on this page a moment ago.';
  return Promise.reject(new GatewayError('UPSTREAM_UNAVAILABLE', detail, { retryAfterSeconds: 1 }));
}
