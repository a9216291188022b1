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

/** A group that its scope was seen to list. Only {@link Ownership} makes one. */
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

/** A group, and the listing that shows it, if that is kept for its next readers. */
export interface ListedGroup {
  readonly row: CamsGroupRow;
  readonly listing?: Listing;
}

type Rows = ReadonlyMap<string, CamsGroupRow>;

/** A complete scan that runs, or ran a moment ago. */
interface Scan {
  readonly startedAtMs: number;
  /** Of the scope's pages when it began: while that is current, what the scan does not show is not there. */
  readonly generation: Promise<string | undefined>;
  readonly rows: Promise<Rows>;
}

/** A scan that begins as soon as one may. */
interface DueScan {
  readonly rows: Promise<Rows>;
  scope: TenantScope;
}

/** At most one complete scan of a scope in this time, however many unknown ids are asked for. */
const SCAN_INTERVAL_MS = 2_000;

/**
 * The proof that a group is the caller's, which CAMS itself never asks for: it executes any group id under any
 * number of the account. Nothing that names a group goes upstream without it.
 */
@Injectable()
export class Ownership {
  readonly #scans = new TrailingCoalescer<Rows>();
  /** Scans that run, or began less than {@link SCAN_INTERVAL_MS} ago. */
  readonly #recent = new Map<string, Scan>();
  /** Scans that begin as soon as one may. */
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

  /** As {@link findListed}, the row alone. */
  async find(scope: TenantScope, groupId: string): Promise<CamsGroupRow> {
    return (await this.findListed(scope, groupId)).row;
  }

  /** The group as the scope lists it, through the cache: the hinted page, else a scan. Throws `NOT_FOUND`. */
  async findListed(scope: TenantScope, groupId: string): Promise<ListedGroup> {
    const listed = await this.#onHintedPage(scope, groupId);
    if (listed) return listed;
    if (this.index.get(scope, groupId) === undefined) {
      await this.prove(scope, groupId);
      // The scan says where; its rows may be older than a write that this read must show.
      const found = await this.#onHintedPage(scope, groupId);
      if (found) return found;
    }
    const moved = (await this.#scanNow(scope)).get(groupId);
    if (moved) {
      // The page that was looked at does not show it: what is told here is newer.
      await this.pages.outdated(scope);
      return { row: moved };
    }
    this.index.forget(scope, groupId);
    throw notFound();
  }

  /** As {@link find}, for a group that may have been deleted since. */
  async findOrUndefined(scope: TenantScope, groupId: string): Promise<CamsGroupRow | undefined> {
    try {
      return await this.find(scope, groupId);
    } catch (error) {
      if (error instanceof GatewayError && error.code === 'NOT_FOUND') return undefined;
      throw error;
    }
  }

  /** The group as it is upstream at this moment; `undefined` when the scope lists it no more. */
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

  /** The group is gone. */
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

  /** Rows that show every group which a read through any replica has to find: of a recent scan, or of the next. */
  async #provingRows(scope: TenantScope): Promise<Rows> {
    const recent = this.#recent.get(scope.key);
    if (!recent) return this.#scanNow(scope);
    const current = await this.cache.generation(scope);
    if (current !== undefined && (await recent.generation) === current) return recent.rows;
    return listedInTime(this.#scanWhenDue(scope, recent), scope.request.deadlineMs);
  }

  /** The scan after this one, when its time has come; all who wait for it share it. */
  #scanWhenDue(scope: TenantScope, recent: Scan): Promise<Rows> {
    const waiting = this.#due.get(scope.key);
    if (waiting) {
      // The latest comer's, who has the most time left.
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

  /** A scan that begins from now on; who asks while one is under way shares the next. */
  #scanNow(scope: TenantScope): Promise<Rows> {
    return this.#scans.run(scope.key, () => {
      const generation = this.cache.generation(scope);
      const rows = generation
        .then(() => this.pages.scan(scope, {}))
        .then((groups) => new Map(groups.map((row) => [row.groupId, row])));
      // One that failed counts like one that did not: the next unknown id waits its turn.
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
