import { Injectable } from '@nestjs/common';
import type { TenantScope } from '../tenancy/tenant-scope.js';

/** What a write may promise to reads that start after its answer. */
export type Coherence = 'COHERENT' | 'BOUNDED';

/** A page as it was listed upstream, and what the cache knows of it. */
export interface CachedPage<T> {
  readonly value: T;
  /** When the page was listed upstream, epoch milliseconds. */
  readonly asOfMs: number;
  readonly stale: boolean;
  /** Value of the `Cache-Status` header. Source: RFC 9211. */
  readonly cacheStatus: string;
}

/**
 * The seam of the coherent page cache. For now it stores nothing: every read lists upstream, so every write is
 * coherent by construction.
 */
@Injectable()
export class PageCache {
  /** `key` names the page inside the scope: filter and index. */
  async read<T>(_scope: TenantScope, _key: string, list: () => Promise<T>): Promise<CachedPage<T>> {
    const asOfMs = Date.now();
    return { value: await list(), asOfMs, stale: false, cacheStatus: 'chatgroup-gateway; fwd=bypass' };
  }

  /** Runs one upstream write of the scope; afterwards no read may see what was listed before it. */
  async write<T>(
    _scope: TenantScope,
    call: () => Promise<T>,
  ): Promise<{ readonly value: T; readonly coherence: Coherence }> {
    return { value: await call(), coherence: 'COHERENT' };
  }
}
