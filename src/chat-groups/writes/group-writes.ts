import { Injectable } from '@nestjs/common';
import type { CamsAffected, CamsGroupRow } from '../../cams/api.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import type { Precondition } from '../model/etag.js';
import { type GroupChanges, shows, touchedDigest, updating } from '../model/group-changes.js';
import { Ownership } from '../reads/ownership.js';
import { ReadBack } from './read-back.js';
import { FOUND, type Written, done, undecided, unknown } from './write.js';
import { GroupWriteSteps } from './group-write-steps.js';
import { WritePipeline } from './write-pipeline.js';
import type { WriteOutcome } from '../../idempotency/idempotency.js';

export interface UpdatedGroup extends Written {
  readonly row: CamsGroupRow;
  /** Whether the group, as read back, shows the change. WhatsApp applies changes asynchronously. */
  readonly settled: boolean;
  /** The status that CAMS lists; `row` has `UPDATING` while the change is not visible. */
  readonly listedStatus: CamsGroupRow['status'];
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
    private readonly steps: GroupWriteSteps,
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
      texts: changes,
      steps: this.steps.ofUpdate(changes),
      facts: async (owned) => {
        const before = await this.readBack.before(owned);
        return { touchedBefore: before ? touchedDigest(before, changes) : '' };
      },
      fields: () => ({ groupId, ...changes }),
      confirm: async ({ result, coherence, upstreamRequestId }, owned) => {
        const row = await this.readBack.after(owned);
        const settled = row !== undefined && shows(row, changes);
        const listed = row ?? this.readBack.lastKnown(owned);
        return { coherence, upstreamRequestId, ...afterUpdate(listed, changes, settled, result) };
      },
      reconcile: async ({ facts, result, mayStillApply }) => {
        const row = await this.ownership.findNow({ scope, groupId });
        const settled = row !== undefined && shows(row, changes);
        if (settled || result) {
          const listed = row ?? this.readBack.lastKnown({ scope, groupId });
          return done({ ...FOUND, ...afterUpdate(listed, changes, settled, result) });
        }
        // If it shows anything other than before, the change may have been applied and then overwritten.
        const untouched = row !== undefined && touchedDigest(row, changes) === facts.touchedBefore;
        if (!untouched) return unknown(mayStillApply);
        const detail = 'The group does not show the change, and CAMS can no longer apply it.';
        return undecided(mayStillApply, detail);
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
      steps: this.steps.ofDelete(),
      facts: async () => ({}),
      fields: () => ({ groupId }),
      confirm: async ({ result, coherence, upstreamRequestId }, owned) => {
        const { inPart } = result;
        if (inPart) await this.readBack.requireEffect(owned, { inPart, upstreamRequestId }, isDeleted);
        // After a partial failure, WhatsApp may still list it.
        else this.ownership.noteDeleted(scope, groupId);
        return { coherence, upstreamRequestId };
      },
      reconcile: async ({ result, mayStillApply }) => {
        if (result && !result.inPart) return done(FOUND);
        if (isDeleted(await this.ownership.findNow({ scope, groupId }))) return done(FOUND);
        return undecided(mayStillApply, 'The group still exists, and CAMS can no longer delete it.');
      },
    });
  }
}

/** Returns the group to show after an update: if it was executed only in part, without what CAMS does not show. */
function afterUpdate(
  listed: CamsGroupRow,
  changes: GroupChanges,
  settled: boolean,
  result: CamsAffected | undefined,
): Pick<UpdatedGroup, 'row' | 'settled' | 'listedStatus'> {
  const row = settled || result?.inPart ? listed : updating(listed, changes);
  return { row, settled, listedStatus: listed.status };
}

function isDeleted(row: CamsGroupRow | undefined): boolean {
  return !row || row.status === 'DELETING';
}
