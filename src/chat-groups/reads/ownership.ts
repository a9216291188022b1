import { Injectable } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { TrailingCoalescer } from '../../cache/coalescing.js';
import type { Listing } from '../../cache/listing.js';
import { PageCache } from '../../cache/page-cache.js';
import { listedInTime } from '../../cache/listed-in-time.js';
import type { CamsGroupRow } from '../../cams/api.js';
import { GatewayError, notFound } from '../../errors/gateway-error.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { GroupPages } from './group-pages.js';
import { GroupIndex } from './group-index.js';

/** Proof that the scope lists the group. Only {@link Ownership} creates one. */
class Owned {
  // A private field makes the type nominal, as with TenantScope.
  readonly #proved = true;

  constructor(
    readonly scope: TenantScope,
    readonly groupId: string,
  ) {}

  get proved(): boolean {
    return this.#proved;
  }
}
export type OwnedGroup = Owned;

/** A group, and the listing that shows it, if that is cached. */
export interface ListedGroup {
  readonly row: CamsGroupRow;
  readonly listing?: Listing;
}

type Rows = ReadonlyMap<string, CamsGroupRow>;

/** A complete scan that is running or ran recently. */
interface Scan {
  readonly startedAtMs: number;
  /** Generation of the scope's pages at the start. While it is current, groups missing from the scan do not exist. */
  readonly generation: Promise<string | undefined>;
  readonly rows: Promise<Rows>;
}

/** A scan that begins as soon as the interval allows. */
interface DueScan {
  readonly rows: Promise<Rows>;
  scope: TenantScope;
}

/** Minimum time between complete scans of a scope, however many unknown ids are requested. */
const SCAN_INTERVAL_MS = 2_000;

/**
 * Proves that a group belongs to the caller. CAMS does not check that: it executes any group id under any number of the
 * account. No call that names a group goes upstream without this proof.
 */
@Injectable()
export class Ownership {
  readonly #scans = new TrailingCoalescer<Rows>();
  /** Scans that are running, or that began less than {@link SCAN_INTERVAL_MS} ago. */
  readonly #recent = new Map<string, Scan>();
  /** Scans that begin as soon as the interval allows. */
  readonly #due = new Map<string, DueScan>();

  constructor(
    private readonly pages: GroupPages,
    private readonly cache: PageCache,
    private readonly index: GroupIndex,
  ) {}

  /** Throws `NOT_FOUND` unless the scope lists the group. */
  async prove(scope: TenantScope, groupId: string): Promise<OwnedGroup> {
    if (this.index.get(scope, groupId) === undefined) {
      const rows = await this.#provingRows(scope);
      if (!rows.has(groupId)) throw notFound();
    }
    return new Owned(scope, groupId);
  }

  /** Like {@link findListed}, but returns only the row. */
  async find(scope: TenantScope, groupId: string): Promise<CamsGroupRow> {
    return (await this.findListed(scope, groupId)).row;
  }

  /** Returns a group through the cache: from the hinted page, or else from a scan. Throws `NOT_FOUND`. */
  async findListed(scope: TenantScope, groupId: string): Promise<ListedGroup> {
    const listed = await this.#onHintedPage(scope, groupId);
    if (listed) return listed;
    if (this.index.get(scope, groupId) === undefined) {
      await this.prove(scope, groupId);
      // The scan only gives the page: its rows may be older than a write that this read must show.
      const found = await this.#onHintedPage(scope, groupId);
      if (found) return found;
    }
    const moved = (await this.#scanNow(scope)).get(groupId);
    if (moved) {
      // The cached page does not show the group, so this response is newer than the cache.
      await this.pages.outdated(scope);
      return { row: moved };
    }
    this.index.forget(scope, groupId);
    throw notFound();
  }

  /** Like {@link find}, but returns `undefined` if the group no longer exists. */
  async findOrUndefined(scope: TenantScope, groupId: string): Promise<CamsGroupRow | undefined> {
    try {
      return await this.find(scope, groupId);
    } catch (error) {
      if (error instanceof GatewayError && error.code === 'NOT_FOUND') return undefined;
      throw error;
    }
  }

  /** Returns the group from CAMS, uncached; `undefined` if the scope no longer lists it. */
  async findNow({
    scope,
    groupId,
  }: Pick<OwnedGroup, 'scope' | 'groupId'>): Promise<CamsGroupRow | undefined> {
    const pageIndex = this.index.get(scope, groupId)?.pageIndex;
    if (pageIndex !== undefined) {
      const rows = await this.pages.pageNow(scope, pageIndex);
      const row = rows.find((candidate) => candidate.groupId === groupId);
      if (row) return row;
    }
    return (await this.#scanNow(scope)).get(groupId);
  }

  /** Removes the proof of a group that no longer exists. */
  forget(scope: TenantScope, groupId: string): void {
    this.index.forget(scope, groupId);
  }

  async #onHintedPage(scope: TenantScope, groupId: string): Promise<ListedGroup | undefined> {
    const pageIndex = this.index.get(scope, groupId)?.pageIndex;
    if (pageIndex === undefined) return undefined;
    const { value, listing } = await this.pages.page(scope, {}, pageIndex);
    const row = value.groups.find((candidate) => candidate.groupId === groupId);
    return row && { row, ...(listing && { listing }) };
  }

  /** Returns the rows of a recent or the next scan: they show every group that a read on any replica must find. */
  async #provingRows(scope: TenantScope): Promise<Rows> {
    const recent = this.#recent.get(scope.key);
    if (!recent) return this.#scanNow(scope);
    const current = await this.cache.generation(scope);
    if (current !== undefined && (await recent.generation) === current) return recent.rows;
    return listedInTime(this.#scanWhenDue(scope, recent), scope.request.deadlineMs);
  }

  /** Returns the next scan, which begins when it is due and is shared by all waiting readers. */
  #scanWhenDue(scope: TenantScope, recent: Scan): Promise<Rows> {
    const waiting = this.#due.get(scope.key);
    if (waiting) {
      // The latest reader has the most time left.
      waiting.scope = scope;
      return waiting.rows;
    }
    const restMs = Math.max(0, recent.startedAtMs + SCAN_INTERVAL_MS - performance.now());
    const due: DueScan = { scope, rows: sleep(restMs, undefined, { ref: false }).then(() => begin()) };
    const begin = (): Promise<Rows> => {
      this.#due.delete(scope.key);
      return this.#scanNow(due.scope);
    };
    this.#due.set(scope.key, due);
    return due.rows;
  }

  /** Returns a scan that begins now or later. Readers that arrive while one is running share the next one. */
  #scanNow(scope: TenantScope): Promise<Rows> {
    return this.#scans.run(scope.key, () => {
      const generation = this.cache.generation(scope);
      const rows = generation
        .then(() => this.pages.scan(scope, {}))
        .then((groups) => new Map(groups.map((row) => [row.groupId, row])));
      // A failed scan counts, too: the next unknown id waits until a scan is due.
      const scan = { startedAtMs: performance.now(), generation, rows };
      this.#recent.set(scope.key, scan);
      const expire = (): void => this.#expireLater(scope.key, scan);
      rows.then(expire, expire);
      return rows;
    });
  }

  #expireLater(key: string, scan: Scan): void {
    const expire = (): void => {
      if (this.#recent.get(key) === scan) this.#recent.delete(key);
    };
    setTimeout(expire, Math.max(0, scan.startedAtMs + SCAN_INTERVAL_MS - performance.now())).unref();
  }
}
