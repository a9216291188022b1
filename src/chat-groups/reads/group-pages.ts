import { Injectable } from '@nestjs/common';
import type { CachedPage } from '../../cache/cached-page.js';
import { PageCache } from '../../cache/page-cache.js';
import type { CoherenceLevel } from '../../cache/write-intent.js';
import type { PageLifetimes } from '../../cache/stores/page-store.js';
import { CamsClient } from '../../cams/cams-client.js';
import type { CamsGroupPage, CamsGroupRow, CamsListableStatus } from '../../cams/api.js';
import type { Slice } from './paging.js';
import { Config } from '../../config/config.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { FairCache } from '../../util/fair-cache.js';
import type { OnTenantsRemoved, RemovedTenants } from '../../util/removed-tenants.js';
import { CursorPositions } from './cursor-positions.js';
import { GroupIndex } from './group-index.js';
import { GroupSlice, totalOf } from './group-slice.js';

/** Filters of `ListChatGroup`; CAMS does the matching. */
export interface GroupFilter {
  readonly status?: CamsListableStatus;
  readonly subject?: string;
}

/** Returns a canonical page of one list; `index` starts at 1. Each is read at most once. */
export type PageReader = (index: number) => Promise<CachedPage<CamsGroupPage>>;

const TRANSITIONAL: ReadonlySet<string> = new Set(['CREATING', 'UPDATING', 'DELETING']);
const PASSING_MS = 1_500;

const MAX_LATEST_BYTES = 4 * 1024 * 1024;
/** Without a description. */
const ROW_BYTES = 800;

/** Maximum concurrent lists of one scan. */
const SCAN_CONCURRENCY = 4;
/** Maximum attempts of a scan, which starts over if groups were added or removed between its pages. */
const SCAN_ATTEMPTS = 3;

/**
 * Reads lists of groups in canonical pages of one fixed size, independent of the requested slice: fewer keys, more
 * cache hits, and one upstream call for most tenants.
 */
@Injectable()
export class GroupPages implements OnTenantsRemoved {
  readonly #pageSize: number;
  readonly #lasting: PageLifetimes;
  readonly #passing: PageLifetimes;
  /** Groups as this process last listed them, by scope and ID. A group that is no longer listed stays. */
  readonly #latest = new FairCache<CamsGroupRow>({
    maxSize: MAX_LATEST_BYTES,
    sizeOf: ({ description = '' }) => ROW_BYTES + 2 * description.length,
  });
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

  onTenantsRemoved({ tenants }: RemovedTenants): void {
    this.#latest.deleteOwners(tenants);
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

  /** Returns a reader of one list for one request. */
  reader(scope: TenantScope, filter: GroupFilter): PageReader {
    const pages = new Map<number, Promise<CachedPage<CamsGroupPage>>>();
    return (index) => {
      const known = pages.get(index) ?? this.page(scope, filter, index);
      pages.set(index, known);
      return known;
    };
  }

  /** Returns where cursors lead in the list that `read` reads. */
  positions(scope: TenantScope, filter: GroupFilter, read: PageReader): CursorPositions {
    return new CursorPositions(this.#pageSize, {
      read: async (index) => (await read(index)).value,
      search: async (index) => {
        scope.request.held?.countMore(1);
        // Not kept until the request ends, as the reader's pages are: a forged cursor searches many pages.
        return (await this.page(scope, filter, index)).value;
      },
    });
  }

  /** Returns a slice. If it spans pages, its total is that of the page read last. */
  async slice(read: PageReader, slice: Slice): Promise<GroupSlice> {
    const size = this.#pageSize;
    const firstIndex = Math.floor(slice.offset / size) + 1;
    const end = slice.offset + slice.limit;
    const pages = [await read(firstIndex)];
    for (let index = firstIndex; index * size < Math.min(end, totalOf(pages)); index += 1)
      pages.push(await read(index + 1));
    return new GroupSlice(slice, pages, (firstIndex - 1) * size, size);
  }

  /** Returns every group of the scope, uncached: for create operations, ownership scans and reads after writes. */
  async scan(scope: TenantScope, filter: GroupFilter): Promise<readonly CamsGroupRow[]> {
    scope.request.held?.requirePlace();
    return (await this.scanSteadily(scope, filter)).groups;
  }

  /** Like {@link scan}; `isSteady` is whether no group can have been missed because others came or went meanwhile. */
  async scanSteadily(
    scope: TenantScope,
    filter: GroupFilter,
  ): Promise<{ readonly groups: readonly CamsGroupRow[]; readonly isSteady: boolean }> {
    for (let attempt = 1; ; attempt += 1) {
      const pages = await this.#allPages(scope, filter);
      const groups = uniqueGroups(pages.flatMap((page) => page.groups));
      // Groups that are added or removed meanwhile shift rows across pages, so a row could be missed between two pages.
      const isSteady = pages.every((page) => page.total === groups.length);
      if (isSteady || attempt === SCAN_ATTEMPTS) return { groups, isSteady };
    }
  }

  /** Call before returning anything that cached pages do not show. Returns what later reads are guaranteed. */
  async outdated(scope: TenantScope): Promise<CoherenceLevel> {
    return (await this.cache.invalidate(scope)) ? 'COHERENT' : 'BOUNDED';
  }

  /** Returns a group as this process last listed it; `undefined` if that is too long ago. */
  lastListed(scope: TenantScope, groupId: string): CamsGroupRow | undefined {
    return this.#latest.get(latestKey(scope, groupId));
  }

  /** Returns a canonical page, uncached. */
  async pageNow(scope: TenantScope, index: number): Promise<readonly CamsGroupRow[]> {
    scope.request.held?.requirePlace();
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
      const listed = indexes.map(async (index) => {
        // The first page costs no more than any other read.
        await this.cams.scanTurn(scope);
        return this.#list(scope, filter, index);
      });
      pages.push(...(await Promise.all(listed)));
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
    const tenantId = scope.tenant.id;
    for (const row of page.groups) this.#latest.set(tenantId, latestKey(scope, row.groupId), row);
    this.index.saw(scope, page.groups, unfiltered ? pageIndex : undefined, performance.now() - ageMs);
  }

  /** A page with a group in a transitional status is cached only briefly. */
  #lifetimes({ groups }: CamsGroupPage): PageLifetimes {
    return groups.some(({ status }) => TRANSITIONAL.has(status)) ? this.#passing : this.#lasting;
  }
}

function latestKey(scope: TenantScope, groupId: string): string {
  return `${scope.key} ${groupId}`;
}

/** Of the first page without a filter, which most requests read. */
const FIRST_PAGE = JSON.stringify(['groups', null, null, 1]);

function pageName(filter: GroupFilter, index: number): string {
  if (index === 1 && filter.status === undefined && filter.subject === undefined) return FIRST_PAGE;
  return JSON.stringify(['groups', filter.status ?? null, filter.subject ?? null, index]);
}

/** Returns the first row of each group, which is also the one that a search finds. */
function uniqueGroups(rows: readonly CamsGroupRow[]): CamsGroupRow[] {
  const seen = new Set<string>();
  return rows.filter(({ groupId }) => !seen.has(groupId) && seen.add(groupId));
}
