import type { TenantScope } from '../tenancy/tenant-scope.js';
import type { RemovedTenants } from '../util/removed-tenants.js';
import type { PageKey } from './stores/page-store.js';

/** Typical pages of 100 groups have less, so that only tenants with unusual ones are limited. */
const BYTES_PER_REQUEST = 64 * 1024;

interface OwnPage {
  readonly key: PageKey;
  readonly revision: string;
  readonly bytes: number;
}

interface Stored extends OwnPage {
  readonly expiresAtMs: number;
}

/** The pages of a tenant by key, oldest first. */
interface Pages {
  readonly byKey: Map<string, Stored>;
  bytes: number;
}

/**
 * The pages that this process has stored for each tenant. A Redis that is full evicts pages of any tenant, and long descriptions
 * make pages sixteen times as large as typical ones, so each tenant may have only so many bytes, in proportion to its quota.
 */
export class TenantPages {
  readonly #tenants = new Map<string, Pages>();

  constructor(private readonly clock: () => number = () => performance.now()) {}

  /** Notes a page that was just stored. Returns the pages of the tenant to remove from the store, so that it does not have too much. */
  stored({ id, limits }: TenantScope['tenant'], own: OwnPage, lifeMs: number): OwnPage[] {
    const nowMs = this.clock();
    const pages = this.#tenants.get(id) ?? { byKey: new Map<string, Stored>(), bytes: 0 };
    this.#tenants.set(id, pages);
    const { page: name } = own.key;
    remove(pages, name);
    pages.byKey.set(name, { ...own, expiresAtMs: nowMs + lifeMs });
    pages.bytes += own.bytes;
    const excess: OwnPage[] = [];
    for (const [oldest, page] of pages.byKey) {
      const hasExpired = page.expiresAtMs <= nowMs;
      if (!hasExpired && pages.bytes <= limits.requestsPerMinute * BYTES_PER_REQUEST) break;
      remove(pages, oldest);
      if (!hasExpired) excess.push(page);
    }
    return excess;
  }

  forget({ tenants }: RemovedTenants): void {
    for (const id of tenants) this.#tenants.delete(id);
  }
}

function remove(pages: Pages, name: string): void {
  const page = pages.byKey.get(name);
  if (!page) return;
  pages.byKey.delete(name);
  pages.bytes -= page.bytes;
}
