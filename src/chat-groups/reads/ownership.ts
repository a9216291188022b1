import { Injectable } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { LaterWork, TrailingCoalescer } from '../../cache/coalescing.js';
import type { Listing } from '../../cache/listing.js';
import { PageCache } from '../../cache/page-cache.js';
import { listedInTime } from '../../cache/listed-in-time.js';
import type { CamsGroupRow } from '../../cams/api.js';
import { GatewayError, notFound } from '../../errors/gateway-error.js';
import type { Interest } from '../../request/interest.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { GroupPages } from './group-pages.js';
import { GroupIndex } from './group-index.js';
import { ScannedGroups } from './scanned-groups.js';

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

/** The groups of a complete scan. */
interface Rows {
  readonly byId: ReadonlyMap<string, CamsGroupRow>;
  /** Whether no group can have been missed because others came or went meanwhile. */
  readonly isSteady: boolean;
}

/** A complete scan that is running or ran recently. */
interface Scan {
  readonly startedAtMs: number;
  /** Generation of the scope's pages at the start. While it is current, groups missing from the scan do not exist. */
  readonly generation: Promise<string | undefined>;
  readonly rows: Promise<Rows>;
  /** Who waits for it. */
  readonly interest: Interest;
  /** Whether it ended because nobody waited for it. */
  isAbandoned: boolean;
}

/** A scan that begins as soon as the interval allows. */
interface DueScan {
  readonly rows: Promise<Rows>;
  readonly work: LaterWork<Rows>;
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
    private readonly scanned: ScannedGroups,
  ) {}

  /** Throws `NOT_FOUND` unless the scope lists the group. */
  async prove(scope: TenantScope, groupId: string): Promise<OwnedGroup> {
    if (this.index.get(scope, groupId) === undefined) {
      if (this.index.isDeleted(scope, groupId)) throw notFound();
      if (await this.scanned.isAbsent(scope, groupId)) throw notFound();
      const rows = await this.#provingRows(scope);
      if (!rows.byId.has(groupId)) throw notFound();
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
    const moved = (await this.#scanNow(scope)).byId.get(groupId);
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

  /**
   * Returns the group from CAMS, uncached; `undefined` if the scope no longer lists it. Throws `UPSTREAM_UNAVAILABLE` if other
   * groups came and went meanwhile, so that it may have been missed.
   */
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
    const { byId, isSteady } = await this.#scanNow(scope);
    const row = byId.get(groupId);
    // Otherwise, a delete that was never executed would be reported as done.
    if (!row && !isSteady)
      throw new GatewayError('UPSTREAM_UNAVAILABLE', 'The groups changed while they were listed.');
    return row;
  }

  /** Notes that CAMS has acknowledged the delete of a group. */
  noteDeleted(scope: TenantScope, groupId: string): void {
    this.index.noteDeleted(scope, groupId);
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
    scope.request.held?.requirePlace();
    const recent = this.#recent.get(scope.key);
    if (!recent) return this.#scanNow(scope);
    const current = await this.cache.generation(scope);
    if (current !== undefined && (await recent.generation) === current && !recent.isAbandoned) {
      recent.interest.sharedWith(scope.request.interest, recent.rows);
      return recent.rows;
    }
    return listedInTime(this.#scanWhenDue(scope, recent), scope.request.deadlineMs);
  }

  /** Returns the next scan, which begins when it is due and is shared by all waiting readers. */
  #scanWhenDue(scope: TenantScope, recent: Scan): Promise<Rows> {
    let due = this.#due.get(scope.key);
    if (!due) {
      const restMs = Math.max(0, recent.startedAtMs + SCAN_INTERVAL_MS - performance.now());
      const work = new LaterWork<Rows>();
      const begin = (): Promise<Rows> => {
        this.#due.delete(scope.key);
        return work.start();
      };
      due = { work, rows: sleep(restMs, undefined, { ref: false }).then(begin) };
      this.#due.set(scope.key, due);
    }
    due.work.add(scope.request.interest, () => this.#scanNow(scope));
    return due.rows;
  }

  /** Returns a scan that begins now or later. Readers that arrive while one is running share the next one. */
  async #scanNow(scope: TenantScope): Promise<Rows> {
    const { interest, held } = scope.request;
    // Not within the scan, whose failure others would share.
    held?.requirePlace();
    return this.#scans.run(scope.key, interest, () => {
      const startedAtMs = performance.now();
      const generation = this.cache.generation(scope);
      const rows = this.#scan(scope, startedAtMs, generation);
      // A failed scan counts, too: the next unknown id waits until a scan is due.
      const scan: Scan = { startedAtMs, generation, rows, interest, isAbandoned: false };
      this.#recent.set(scope.key, scan);
      const ignoreLoss = interest.onLost(() => {
        scan.isAbandoned = true;
      });
      const ended = (): void => {
        ignoreLoss();
        this.#expireLater(scope.key, scan);
      };
      rows.then(ended, ended);
      return rows;
    });
  }

  async #scan(scope: TenantScope, startedAtMs: number, generation: Scan['generation']): Promise<Rows> {
    const current = await generation;
    const { groups, isSteady } = await this.pages.scanSteadily(scope, {});
    const byId = new Map(groups.map((row) => [row.groupId, row]));
    if (isSteady)
      this.scanned.remember(scope, { startedAtMs, generation: current, ids: new Set(byId.keys()) });
    return { byId, isSteady };
  }

  #expireLater(key: string, scan: Scan): void {
    const expire = (): void => {
      if (this.#recent.get(key) === scan) this.#recent.delete(key);
    };
    setTimeout(expire, Math.max(0, scan.startedAtMs + SCAN_INTERVAL_MS - performance.now())).unref();
  }
}
