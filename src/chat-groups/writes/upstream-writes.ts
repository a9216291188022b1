import { Injectable } from '@nestjs/common';
import { type CoherenceLevel, PageCache } from '../../cache/page-cache.js';
import { type CamsAnswer, CamsClient } from '../../cams/cams-client.js';
import type { Fields, Result } from '../../cams/api.js';
import type { RequestContext } from '../../request/request-context.js';
import { Config } from '../../config/config.js';
import { type WriteRecorder, UNRECORDED } from '../../idempotency/write-recorder.js';
import type { Lock } from '../../state/locks.js';
import { AuditLog } from '../../telemetry/audit-log.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { WriteAudit, type WriteName } from './write-audit.js';
import { tookTooLong } from './write-errors.js';

/** What every acknowledged write can say of itself. */
export interface Written {
  readonly coherence: CoherenceLevel;
  readonly upstreamRequestId: string | undefined;
}

/** What stands behind a write while it is sent. */
export interface WriteGuards {
  /** Notes that it is sent, with what reconciling needs, and that it was answered. */
  readonly attempt: WriteRecorder;
  readonly facts: unknown;
  /** The lock under which it must be sent. */
  readonly lock?: Lock;
}

/** Records that took longer have eaten of the life of the cache's intent: it begins anew. */
const LONGEST_NOTES_MS = 200;

const NO_BACKING: WriteGuards = { attempt: UNRECORDED, facts: undefined };

/** The one way of a write to CAMS: past the cache, which then no longer shows what was there before, and audited. */
@Injectable()
export class UpstreamWrites {
  readonly #audit: WriteAudit;

  constructor(
    private readonly cams: CamsClient,
    private readonly cache: PageCache,
    log: AuditLog,
    config: Config,
  ) {
    this.#audit = new WriteAudit(log, config.tenancy.pepper);
  }

  /** Sends once. Throws `OUTCOME_UNKNOWN` when nobody knows whether it was executed; otherwise it was not. */
  async send<Name extends WriteName>(
    scope: TenantScope,
    name: Name,
    fields: Fields<Name>,
    context: RequestContext,
    { attempt, facts, lock }: WriteGuards = NO_BACKING,
  ): Promise<Written & { readonly result: Result<Name> }> {
    const audited = this.#audit.begin(scope, name, fields, context);
    const sent = this.cache.write<CamsAnswer<Result<Name>>>(scope, async (begin) => {
      const answer = await this.cams.call(scope, name, fields, context, async () => {
        const begunAtMs = performance.now();
        await begin();
        await audited.attempt();
        await attempt.sending(facts);
        if (performance.now() - begunAtMs > LONGEST_NOTES_MS) await begin();
        // This process may have been stopped for longer than its lock lasts.
        if (lock && !lock.held) throw tookTooLong();
      });
      await attempt.applied(answer.result);
      return answer;
    });
    const { value, coherence } = await sent.catch(async (error: unknown) => {
      await audited.failed(error);
      throw error;
    });
    await audited.answered(value, coherence);
    // Reads that follow must not replace the id of the write itself.
    context.keepUpstreamRequestId(value.requestId);
    return { result: value.result, coherence, upstreamRequestId: value.requestId };
  }

  /** To be called before a fact is told that was seen upstream, and that stored pages may not show yet. */
  async outdated(scope: TenantScope): Promise<CoherenceLevel> {
    return (await this.cache.invalidate(scope)) ? 'COHERENT' : 'BOUNDED';
  }
}
