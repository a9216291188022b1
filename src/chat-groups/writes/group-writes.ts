import { Injectable } from '@nestjs/common';
import type { CamsGroupRow } from '../../cams/api.js';
import { GatewayError } from '../../errors/gateway-error.js';
import { TenantDeleteLimit } from '../../rate-limit/tenant-delete-limit.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import type { Precondition } from '../model/etag.js';
import { type GroupChanges, expectedAfter, shows, touchedDigest } from '../model/group-changes.js';
import { Ownership } from '../reads/ownership.js';
import { ReadBack } from './read-back.js';
import { FOUND, type Step, type Written, done, undecided } from './write.js';
import { SubjectLocks } from './subject-locks.js';
import { type StartedWrite, WritePipeline } from './write-pipeline.js';
import type { WriteOutcome } from '../../idempotency/idempotency.js';

export interface UpdatedGroup extends Written {
  readonly row: CamsGroupRow;
  /** Whether the group, as read back, shows the change. WhatsApp applies changes asynchronously. */
  readonly settled: boolean;
}

/** Digest of the fields that an update changes, before the update. */
interface UpdateFacts {
  readonly touchedBefore: string;
}

/** Updates and deletes groups. */
@Injectable()
export class GroupWrites {
  constructor(
    private readonly pipeline: WritePipeline,
    private readonly ownership: Ownership,
    private readonly readBack: ReadBack,
    private readonly subjectLocks: SubjectLocks,
    private readonly deleteLimit: TenantDeleteLimit,
  ) {}

  /** Throws `CONFLICT` while a create operation with the new subject is in progress, and what every write throws. */
  async update(
    scope: TenantScope,
    groupId: string,
    changes: GroupChanges,
    precondition?: Precondition,
  ): Promise<WriteOutcome<UpdatedGroup>> {
    const { subject = null, description = null, profilePictureUrl = null } = changes;
    return this.pipeline.run<'updateChatGroup', UpdateFacts, UpdatedGroup>({
      scope,
      groupId,
      operation: 'updateChatGroup',
      identity: ['updateChatGroup', groupId, subject, description, profilePictureUrl, precondition?.header],
      precondition,
      steps: subject === null ? [] : [this.#subjectLock(subject)],
      facts: async (owned) => {
        const before = await this.readBack.before(owned);
        return { touchedBefore: before ? touchedDigest(before, changes) : '' };
      },
      fields: () => ({ groupId, ...changes }),
      confirm: async ({ coherence, upstreamRequestId }, owned) => {
        const row = await this.readBack.after(owned);
        const settled = row !== undefined && shows(row, changes);
        return { coherence, upstreamRequestId, row: expectedAfter(groupId, row, changes), settled };
      },
      reconcile: async ({ facts, result, mayStillApply }) => {
        const row = await this.ownership.findNow({ scope, groupId });
        const settled = row !== undefined && shows(row, changes);
        if (settled || result) return done({ ...FOUND, row: expectedAfter(groupId, row, changes), settled });
        // If it shows anything other than before, the change may have been applied and then overwritten.
        const untouched = row !== undefined && touchedDigest(row, changes) === facts.touchedBefore;
        return undecided(
          mayStillApply || !untouched,
          'The group does not show the change, and CAMS can no longer apply it.',
        );
      },
    });
  }

  /** Throws `RATE_LIMITED` if the tenant has used up its deletes for the hour, and what every write throws. */
  async delete(
    scope: TenantScope,
    groupId: string,
    precondition?: Precondition,
  ): Promise<WriteOutcome<Written>> {
    return this.pipeline.run<'deleteChatGroup', object, Written>({
      scope,
      groupId,
      operation: 'deleteChatGroup',
      identity: ['deleteChatGroup', groupId, precondition?.header],
      precondition,
      steps: [this.#deleteLimit],
      facts: async () => ({}),
      fields: () => ({ groupId }),
      confirm: async ({ coherence, upstreamRequestId }) => {
        this.ownership.forget(scope, groupId);
        return { coherence, upstreamRequestId };
      },
      reconcile: async ({ result, mayStillApply }) => {
        if (result) return done(FOUND);
        const row = await this.ownership.findNow({ scope, groupId });
        if (!row || row.status === 'DELETING') return done(FOUND);
        return undecided(mayStillApply, 'The group still exists, and CAMS can no longer delete it.');
      },
    });
  }

  /** A new group is identified by its subject alone, so no update may set the same subject meanwhile. */
  #subjectLock(subject: string): Step<StartedWrite, WriteOutcome<UpdatedGroup>> {
    return {
      execute: async (write, next) => {
        const release = await this.subjectLocks.acquireForUpdate(write.scope, subject);
        try {
          return await next(write);
        } finally {
          await release();
        }
      },
    };
  }

  readonly #deleteLimit: Step<StartedWrite, WriteOutcome<Written>> = {
    execute: async (write, next) => {
      const { tenant } = write.scope;
      const counted = await this.deleteLimit.consume(tenant);
      try {
        return await next(write);
      } catch (error) {
        // Only a request that may have deleted the group counts.
        const nothing = error instanceof GatewayError && error.code !== 'OUTCOME_UNKNOWN';
        if (nothing) await this.deleteLimit.giveBack(tenant, counted);
        throw error;
      }
    },
  };
}
