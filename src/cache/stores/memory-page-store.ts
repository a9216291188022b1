import { FairCache } from '../../util/fair-cache.js';
import type { OnTenantsRemoved, RemovedTenants } from '../../util/removed-tenants.js';
import type { ListFailure } from '../list-failure.js';
import type {
  PageKey,
  LookupResult,
  PageStore,
  PageToStore,
  ProtocolTimes,
  StoredPage,
} from './page-store.js';

interface Meta {
  generation: string;
  settleUntil: number;
  /** Token of a write in progress → when its intent expires. */
  readonly intents: Map<string, number>;
}

interface Page {
  stored: (PageToStore & { readonly revision: string; readonly listedAt: number }) | undefined;
  lease: { readonly token: string; readonly generation: string; readonly until: number } | undefined;
  held: { readonly generation: string; readonly until: number; readonly failure: ListFailure } | undefined;
}

const MAX_SCOPES = 100_000;
/** Size of a page without its payload. */
const PAGE_OVERHEAD_BYTES = 500;

/**
 * The protocol in memory, for a single instance without Redis. Without restarts, evictions of meta or lost commands, it
 * needs neither epoch nor quarantine.
 */
export class MemoryPageStore implements PageStore, OnTenantsRemoved {
  /** Least recently used first, so that numbers that do not exist do not displace those that are used. */
  readonly #meta = new Map<string, Meta>();
  readonly #pages: FairCache<Page>;
  #last = 0;

  constructor(
    private readonly times: ProtocolTimes,
    maxBytes: number,
    private readonly clock: () => number = () => performance.now(),
  ) {
    this.#pages = new FairCache({
      maxSize: maxBytes,
      sizeOf: ({ stored }) => PAGE_OVERHEAD_BYTES + (stored ? stored.payload.length * 2 : 0),
    });
  }

  async lookup(key: PageKey, knownRevision: string | undefined): Promise<LookupResult> {
    const now = this.clock();
    const meta = this.#metaOf(key.meta, now);
    if (meta.intents.size > 0) return { kind: 'bypass' };
    const { generation } = meta;
    const entry = this.#pages.get(key.page);
    const current = entry?.stored?.generation === generation ? entry.stored : undefined;
    const page = current && view(current, now, knownRevision);
    if (page && page.freshForMs > 0) return { kind: 'hit', page };
    if (meta.settleUntil > now) return { kind: 'bypass' };
    const leased = entry?.lease?.generation === generation && entry.lease.until > now;
    const held = entry?.held?.generation === generation && entry.held.until > now ? entry.held : undefined;
    if (current && page && current.listedAt + current.lifetimes.staleWhileRevalidateMs > now) {
      if (leased || held) return { kind: 'stale', page };
      return { kind: 'stale-leader', generation, token: this.#takeLease(key, entry, generation, now), page };
    }
    const stalePage = current && current.listedAt + current.lifetimes.staleIfErrorMs > now ? page : undefined;
    if (held) return { kind: 'error-held', page: stalePage, failure: held.failure };
    if (leased) return { kind: 'follower', generation, page: stalePage };
    return {
      kind: 'leader',
      generation,
      token: this.#takeLease(key, entry, generation, now),
      page: stalePage,
    };
  }

  async store(key: PageKey, page: PageToStore): Promise<string | undefined> {
    const now = this.clock();
    const meta = this.#metaOf(key.meta, now);
    const entry = this.#pages.get(key.page);
    if (!entry || entry.lease?.token !== page.token) return undefined;
    const expired = entry.lease.until <= now;
    entry.lease = undefined;
    if (expired || meta.generation !== page.generation || meta.intents.size > 0 || meta.settleUntil > now) {
      return undefined;
    }
    const revision = this.#unique();
    const stored = { ...page, revision, listedAt: now - page.ageMs };
    // Set again, so that the cache counts the bytes.
    const isKept = this.#pages.set(key.owner, key.page, { stored, lease: undefined, held: undefined });
    return isKept ? revision : undefined;
  }

  async fail(
    key: PageKey,
    lease: { generation: string; token: string },
    failure: ListFailure | undefined,
  ): Promise<void> {
    const entry = this.#pages.get(key.page);
    if (!entry || entry.lease?.token !== lease.token) return;
    entry.lease = undefined;
    const until = this.clock() + this.times.holdMs;
    if (failure) entry.held = { generation: lease.generation, until, failure };
  }

  async drop(key: PageKey, revision: string): Promise<void> {
    const entry = this.#pages.get(key.page);
    if (entry?.stored?.revision !== revision) return;
    if (entry.lease) this.#pages.set(key.owner, key.page, { ...entry, stored: undefined });
    else this.#pages.delete(key.page);
  }

  onTenantsRemoved({ tenants }: RemovedTenants): void {
    this.#pages.deleteOwners(tenants);
  }

  async begin(meta: string, token: string): Promise<void> {
    const now = this.clock();
    const scope = this.#metaOf(meta, now);
    scope.generation = this.#unique();
    scope.intents.set(token, now + this.times.intentMs);
  }

  async end(meta: string, token: string): Promise<void> {
    const now = this.clock();
    const scope = this.#metaOf(meta, now);
    scope.generation = this.#unique();
    scope.settleUntil = Math.max(scope.settleUntil, now + this.times.settleMs);
    scope.intents.delete(token);
  }

  async bump(meta: string): Promise<void> {
    this.#metaOf(meta, this.clock()).generation = this.#unique();
  }

  async generation(meta: string): Promise<string | undefined> {
    const now = this.clock();
    const { generation, intents, settleUntil } = this.#metaOf(meta, now);
    return intents.size > 0 || settleUntil > now ? undefined : generation;
  }

  #metaOf(key: string, now: number): Meta {
    const known = this.#meta.get(key);
    const meta = known ?? { generation: this.#unique(), settleUntil: 0, intents: new Map<string, number>() };
    if (known) this.#meta.delete(key);
    this.#meta.set(key, meta);
    if (!known) this.#evictIdle(key, now);
    for (const [token, until] of meta.intents) if (until <= now) meta.intents.delete(token);
    return meta;
  }

  /** Evicts an idle scope, whose pages are then listed again, but none for which a write is in progress or settling. */
  #evictIdle(except: string, now: number): void {
    if (this.#meta.size <= MAX_SCOPES) return;
    for (const [key, { intents, settleUntil }] of this.#meta) {
      const isBusy = settleUntil > now || [...intents.values()].some((until) => until > now);
      if (isBusy || key === except) continue;
      this.#meta.delete(key);
      return;
    }
  }

  #takeLease(key: PageKey, entry: Page | undefined, generation: string, now: number): string {
    const token = this.#unique();
    const lease = { token, generation, until: now + this.times.leaseMs };
    if (entry) entry.lease = lease;
    else this.#pages.set(key.owner, key.page, { stored: undefined, lease, held: undefined });
    return token;
  }

  #unique(): string {
    this.#last += 1;
    return String(this.#last);
  }
}

function view(
  stored: NonNullable<Page['stored']>,
  now: number,
  knownRevision: string | undefined,
): StoredPage {
  return {
    revision: stored.revision,
    payload: stored.revision === knownRevision ? undefined : stored.payload,
    ageMs: now - stored.listedAt,
    freshForMs: stored.listedAt + stored.lifetimes.freshMs - now,
  };
}
