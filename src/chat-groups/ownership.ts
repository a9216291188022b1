import { Injectable } from '@nestjs/common';
import type { CamsGroupRow } from '../cams/operations.js';
import { GatewayError, notFound } from '../common/errors.js';
import type { RequestContext } from '../common/request-context.js';
import type { TenantScope } from '../tenancy/tenant-scope.js';
import { GroupPages } from './group-pages.js';
import { KnownGroups } from './known-groups.js';

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

interface Scan {
  readonly startedAtMs: number;
  readonly rows: Promise<ReadonlyMap<string, CamsGroupRow>>;
}

/** At most one complete scan of a scope in this time, however many unknown ids are asked for. */
const SCAN_INTERVAL_MS = 2_000;

/**
 * The proof that a group is the caller's, which CAMS itself never asks for: it executes any group id under any
 * number of the account. Nothing that names a group goes upstream without it.
 */
@Injectable()
export class Ownership {
  /** Scans that run, or began less than {@link SCAN_INTERVAL_MS} ago. */
  readonly #scans = new Map<string, Scan>();

  constructor(
    private readonly pages: GroupPages,
    private readonly known: KnownGroups,
  ) {}

  /** Throws `NOT_FOUND` unless the scope lists the group. */
  async prove(scope: TenantScope, groupId: string, context: RequestContext): Promise<OwnedGroup> {
    if (this.known.get(scope, groupId) === undefined) {
      const scan = this.#scans.get(scope.key) ?? this.#startScan(scope, context);
      if (!(await scan.rows).has(groupId)) throw notFound();
    }
    return new Owned(scope, groupId);
  }

  /** The group as the scope lists it, through the cache: the hinted page, else one scan. Throws `NOT_FOUND`. */
  async find(scope: TenantScope, groupId: string, context: RequestContext): Promise<CamsGroupRow> {
    const row = await this.#onHintedPage(scope, groupId, context);
    if (row) return row;
    const recent = this.#scans.get(scope.key);
    if (!recent || (await this.#outdated(recent, scope, groupId))) {
      const scanned = (await this.#startScan(scope, context).rows).get(groupId);
      if (scanned) return scanned;
      this.known.forget(scope, groupId);
      throw notFound();
    }
    // Somebody else's scan proves that the group exists, but may have begun before a write that this read must show.
    const listed = (await recent.rows).has(groupId) && (await this.#onHintedPage(scope, groupId, context));
    if (!listed) throw notFound();
    return listed;
  }

  /** As {@link find}, for a group that may have been deleted since. */
  async findOrUndefined(
    scope: TenantScope,
    groupId: string,
    context: RequestContext,
  ): Promise<CamsGroupRow | undefined> {
    try {
      return await this.find(scope, groupId, context);
    } catch (error) {
      if (error instanceof GatewayError && error.code === 'NOT_FOUND') return undefined;
      throw error;
    }
  }

  /** The group as it is upstream at this moment; `undefined` when the scope lists it no more. */
  async findNow({ scope, groupId }: OwnedGroup, context: RequestContext): Promise<CamsGroupRow | undefined> {
    const pageIndex = this.known.get(scope, groupId)?.pageIndex;
    if (pageIndex !== undefined) {
      const rows = await this.pages.pageNow(scope, pageIndex, context);
      const row = rows.find((candidate) => candidate.groupId === groupId);
      if (row) return row;
    }
    return (await this.#startScan(scope, context).rows).get(groupId);
  }

  async #onHintedPage(
    scope: TenantScope,
    groupId: string,
    context: RequestContext,
  ): Promise<CamsGroupRow | undefined> {
    const pageIndex = this.known.get(scope, groupId)?.pageIndex;
    if (pageIndex === undefined) return undefined;
    const page = await this.pages.page(scope, {}, pageIndex, context);
    return page.value.groups.find((row) => row.groupId === groupId);
  }

  /** Whether a scan cannot answer for this group: it was seen since, or listed but not where it was then. */
  async #outdated(scan: Scan, scope: TenantScope, groupId: string): Promise<boolean> {
    const known = this.known.get(scope, groupId);
    if (known === undefined) return false;
    return known.seenAtMs >= scan.startedAtMs || (await scan.rows).has(groupId);
  }

  // A scan that failed is remembered like one that did not: the next attempt waits its turn.
  #startScan(scope: TenantScope, context: RequestContext): Scan {
    const rows = this.pages
      .scan(scope, {}, context)
      .then((groups) => new Map(groups.map((row) => [row.groupId, row])));
    const scan = { startedAtMs: performance.now(), rows };
    this.#scans.set(scope.key, scan);
    const expire = (): void => this.#expireLater(scope.key, scan);
    rows.then(expire, expire);
    return scan;
  }

  #expireLater(key: string, scan: Scan): void {
    const restMs = scan.startedAtMs + SCAN_INTERVAL_MS - performance.now();
    const expire = (): void => {
      if (this.#scans.get(key) === scan) this.#scans.delete(key);
    };
    setTimeout(expire, Math.max(0, restMs)).unref();
  }
}
