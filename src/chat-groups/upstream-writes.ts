import { Injectable } from '@nestjs/common';
import { type Coherence, PageCache } from '../cache/page-cache.js';
import { CamsClient } from '../cams/cams-client.js';
import type { CamsOperationName, Fields, Result } from '../cams/operations.js';
import type { RequestContext } from '../common/request-context.js';
import type { TenantScope } from '../tenancy/tenant-scope.js';

/** What every acknowledged write can say of itself. */
export interface Written {
  readonly coherence: Coherence;
  readonly upstreamRequestId: string | undefined;
}

/** The one way of a write to CAMS: past the cache, which then no longer shows what was there before. */
@Injectable()
export class UpstreamWrites {
  constructor(
    private readonly cams: CamsClient,
    private readonly cache: PageCache,
  ) {}

  /** Sends once. Throws `OUTCOME_UNKNOWN` when nobody knows whether it was executed; otherwise it was not. */
  async send<Name extends CamsOperationName>(
    scope: TenantScope,
    name: Name,
    fields: Fields<Name>,
    context: RequestContext,
  ): Promise<Written & { readonly result: Result<Name> }> {
    const { value, coherence } = await this.cache.write(scope, (begin) =>
      this.cams.call(scope, name, fields, context, begin),
    );
    // Reads that follow must not replace the id of the write itself.
    context.keepUpstreamRequestId(value.requestId);
    return { result: value.result, coherence, upstreamRequestId: value.requestId };
  }

  /** To be called before a fact is told that was seen upstream, and that stored pages may not show yet. */
  async outdated(scope: TenantScope): Promise<Coherence> {
    return (await this.cache.invalidate(scope)) ? 'COHERENT' : 'BOUNDED';
  }
}
