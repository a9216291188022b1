import { clientLeft } from '../errors/gateway-error.js';
import type { RequestContext } from '../request/request-context.js';
import type { TenantScope } from '../tenancy/tenant-scope.js';
import { KeyedLimit } from '../util/keyed-limit.js';
import { type CachedPage, hit } from './cached-page.js';
import { TickBatcher } from './coalescing.js';
import { type L1PageCache, listingOf } from './l1-page-cache.js';
import type { Listing } from './listing.js';
import { type StalePage, openedLater } from './stale-if-error.js';
import type { LookupResult, PageKey, PageStore, StoredPage } from './stores/page-store.js';

/** The result of a lookup, shared by all its readers. */
export interface FoundPage {
  readonly lookup: LookupResult;
  /** The page to return. */
  readonly page?: CachedPage<unknown>;
  /** The page to return if listing fails after this lookup. */
  readonly staleIfError?: StalePage;
}

/**
 * Lookups of a tenant that the store has not answered yet. Redis needs milliseconds for as many, and they are a quarter of
 * the commands that may be unanswered. More wait here, where no timeout of a command runs and no other tenant waits for them.
 */
const MAX_LOOKUPS_OF_TENANT = 64;

/** Step 1 of a read: the lookup, shared by reads of the page that arrive before it is sent. */
export class PageLookups {
  readonly #lookups = new TickBatcher<FoundPage, RequestContext>();
  readonly #places = new KeyedLimit(MAX_LOOKUPS_OF_TENANT);

  constructor(
    private readonly store: PageStore,
    private readonly l1: L1PageCache,
  ) {}

  find(key: PageKey, scope: TenantScope): Promise<FoundPage> {
    return this.#lookups.call(key.page, (readers) => this.#inTurn(key, scope, readers), scope.request);
  }

  async #inTurn(key: PageKey, scope: TenantScope, readers: readonly RequestContext[]): Promise<FoundPage> {
    const turn = this.#places.enter(key.owner);
    let known: Listing | undefined;
    let lookup: LookupResult;
    try {
      if (turn) {
        await turn;
        if (readers.every(({ interest }) => interest.isLost)) throw clientLeft();
      }
      known = this.l1.known(key);
      lookup = await this.store.lookup(key, known?.revision);
    } finally {
      this.#places.leave(key.owner);
    }
    const stored = 'page' in lookup ? lookup.page : undefined;
    scope.request.held?.received(stored?.receivedBytes ?? 0);
    if (!stored) return { lookup };
    const open = (found: StoredPage) => this.#open(key, scope.key, found, known);
    if (lookup.kind === 'leader') return { lookup, staleIfError: openedLater(stored, open) };
    const page = open(stored);
    // A follower polls: it has parsed this page, so the next lookup need not transfer it.
    if (page) return lookup.kind === 'follower' ? { lookup, staleIfError: () => page } : { lookup, page };
    // The entry is invalid: make sure that no reader finds it again.
    await this.store.bump(key.meta);
    return { lookup: { kind: 'bypass' } };
  }

  /** Returns `undefined` for an entry that cannot be trusted. */
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
      ...hit(stored.freshForMs),
    };
  }
}
