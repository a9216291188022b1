import { Injectable } from '@nestjs/common';
import type { CachedPage } from '../../cache/cached-page.js';
import { PageCache } from '../../cache/page-cache.js';
import type { Listing } from '../../cache/listing.js';
import type { CoherenceLevel } from '../../cache/write-intent.js';
import type { PageLifetimes } from '../../cache/stores/page-store.js';
import { CamsClient } from '../../cams/cams-client.js';
import type { CamsGroupPage, CamsGroupRow, CamsListableStatus } from '../../cams/api.js';
import type { Slice } from './paging.js';
import { Config } from '../../config/config.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { GroupIndex } from './group-index.js';

/** Filters of `ListChatGroup`; CAMS does the matching. */
export interface GroupFilter {
  readonly status?: CamsListableStatus;
  readonly subject?: string;
}

/** Rows of a list, with their age and staleness. */
export interface GroupSlice {
  /** Computed on demand: most readers already have memoized what is derived from the rows. */
  readonly rows: () => readonly CamsGroupRow[];
  readonly total: number;
  /** When the oldest page in the slice was listed upstream, epoch milliseconds. */
  readonly asOfMs: number;
  readonly stale: boolean;
  readonly cacheStatus: string;
  /** The listing of the slice, if it is a single cached page that is not stale. */
  readonly listing: Listing | undefined;
}

const TRANSITIONAL: ReadonlySet<string> = new Set(['CREATING', 'UPDATING', 'DELETING']);
const PASSING_MS = 1_500;

/** Maximum concurrent lists of one scan. */
const SCAN_CONCURRENCY = 4;
/** Maximum attempts of a scan, which starts over if groups were added or removed between its pages. */
const SCAN_ATTEMPTS = 3;

/**
 * Reads lists of groups in canonical pages of one fixed size, independent of the requested slice: fewer keys, more
 * cache hits, and one upstream call for most tenants.
 */
@Injectable()
export class GroupPages {
  readonly #pageSize: number;
  readonly #lasting: PageLifetimes;
  readonly #passing: PageLifetimes;
  /** Pages whose groups are already in the index. */
  readonly #noted = new WeakSet<CamsGroupPage>();

  constructor(
    private readonly cams: CamsClient,
    private readonly cache: PageCache,
    private readonly index: GroupIndex,
    config: Config,
  ) {
    this.#pageSize = config.cams.pageSize;
    const { freshMs, staleWhileRevalidateMs, staleIfErrorMs } = config.cache;
    const passingMs = Math.min(freshMs, PASSING_MS);
    this.#passing = { freshMs: passingMs, staleWhileRevalidateMs: passingMs, staleIfErrorMs: 0 };
    this.#lasting = {
      freshMs,
      staleWhileRevalidateMs: Math.max(freshMs, staleWhileRevalidateMs),
      staleIfErrorMs,
    };
  }

  /** Returns a canonical page through the cache; `index` starts at 1. */
  async page(scope: TenantScope, filter: GroupFilter, index: number): Promise<CachedPage<CamsGroupPage>> {
    const page = await this.cache.read(scope, pageName(filter, index), {
      list: () => this.#list(scope, filter, index),
      lifetimes: (listed) => this.#lifetimes(listed),
      deadlineMs: scope.request.deadlineMs,
    });
    scope.request.cacheStatus = page.cacheStatus;
    if (!this.#noted.has(page.value)) {
      this.#know(scope, filter, index, page.value, Date.now() - page.asOfMs);
      // Other pages are parsed again for each read, so remembering the object would be useless.
      if (page.listing) this.#noted.add(page.value);
    }
    return page;
  }

  /** Returns a slice. If it spans pages, each group appears once, and the total is that of the page read last. */
  async slice(scope: TenantScope, filter: GroupFilter, slice: Slice): Promise<GroupSlice> {
    const size = this.#pageSize;
    const end = slice.offset + slice.limit;
    let index = Math.floor(slice.offset / size) + 1;
    const first = await this.page(scope, filter, index);
    const pages = [first];
    let total = first.value.total;
    while (index * size < Math.min(end, total)) {
      index += 1;
      const next = await this.page(scope, filter, index);
      pages.push(next);
      total = next.value.total;
    }
    const offset = slice.offset % size;
    const rowsOf = ({ value }: CachedPage<CamsGroupPage>, before: number): CamsGroupRow[] =>
      value.groups.slice(Math.max(0, offset - before * size), offset + slice.limit - before * size);
    const stale = pages.some((page) => page.stale);
    const oldest = pages.reduce((a, b) => (b.asOfMs < a.asOfMs ? b : a));
    return {
      rows: () => uniqueGroups(pages.flatMap(rowsOf)),
      total,
      asOfMs: oldest.asOfMs,
      stale,
      cacheStatus: oldest.cacheStatus,
      listing: pages.length === 1 && !stale ? first.listing : undefined,
    };
  }

  /** Returns every group of the scope, uncached: for create operations, ownership scans and reads after writes. */
  async scan(scope: TenantScope, filter: GroupFilter): Promise<readonly CamsGroupRow[]> {
    for (let attempt = 1; ; attempt += 1) {
      const pages = await this.#allPages(scope, filter);
      const groups = uniqueGroups(pages.flatMap((page) => page.groups));
      // Groups that are added or removed meanwhile shift rows across pages, so a row could be missed between two pages.
      const steady = pages.every((page) => page.total === groups.length);
      if (steady || attempt === SCAN_ATTEMPTS) return groups;
    }
  }

  /** Call before returning anything that cached pages do not show. Returns what later reads are guaranteed. */
  async outdated(scope: TenantScope): Promise<CoherenceLevel> {
    return (await this.cache.invalidate(scope)) ? 'COHERENT' : 'BOUNDED';
  }

  /** Returns a canonical page, uncached. */
  async pageNow(scope: TenantScope, index: number): Promise<readonly CamsGroupRow[]> {
    return (await this.#list(scope, {}, index)).groups;
  }

  async #allPages(scope: TenantScope, filter: GroupFilter): Promise<CamsGroupPage[]> {
    const first = await this.#list(scope, filter, 1);
    const pages = [first];
    const count = Math.ceil(first.total / this.#pageSize);
    for (let next = 2; next <= count; next += SCAN_CONCURRENCY) {
      const indexes = Array.from(
        { length: Math.min(SCAN_CONCURRENCY, count - next + 1) },
        (_, i) => next + i,
      );
      pages.push(...(await Promise.all(indexes.map((index) => this.#list(scope, filter, index)))));
    }
    return pages;
  }

  async #list(scope: TenantScope, filter: GroupFilter, index: number): Promise<CamsGroupPage> {
    const page = { index, size: this.#pageSize };
    const { result } = await this.cams.call(scope, 'listChatGroups', { page, ...filter });
    this.#know(scope, filter, index, result, 0);
    this.#noted.add(result);
    return result;
  }

  /** Records the listed groups as proofs of ownership, and their page if it is unfiltered. */
  #know(
    scope: TenantScope,
    filter: GroupFilter,
    pageIndex: number,
    page: CamsGroupPage,
    ageMs: number,
  ): void {
    const unfiltered = filter.status === undefined && filter.subject === undefined;
    this.index.saw(scope, page.groups, unfiltered ? pageIndex : undefined, performance.now() - ageMs);
  }

  /** A page with a group in a transitional status is cached only briefly. */
  #lifetimes({ groups }: CamsGroupPage): PageLifetimes {
    return groups.some(({ status }) => TRANSITIONAL.has(status)) ? this.#passing : this.#lasting;
  }
}

function pageName(filter: GroupFilter, index: number): string {
  return JSON.stringify(['groups', filter.status ?? null, filter.subject ?? null, index]);
}

function uniqueGroups(rows: readonly CamsGroupRow[]): CamsGroupRow[] {
  return [...new Map(rows.map((row) => [row.groupId, row])).values()];
}
