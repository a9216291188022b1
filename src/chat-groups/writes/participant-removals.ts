import { Injectable } from '@nestjs/common';
import type { CamsGroupRow } from '../../cams/api.js';
import { GatewayError } from '../../errors/gateway-error.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { Ownership } from '../reads/ownership.js';
import { ParticipantReads } from '../reads/participants.js';
import { ReadBack, unknownGroup } from './read-back.js';
import { FOUND, type Written, done, failed, unknown } from './write.js';
import { notExecuted } from './write-errors.js';
import { WritePipeline } from './write-pipeline.js';
import type { WriteOutcome } from '../../idempotency/idempotency.js';

export interface ParticipantRemoval extends Written {
  readonly row: CamsGroupRow;
  readonly removedCount: number;
  /** Phone numbers that were not members, or that CAMS did not remove. */
  readonly notRemoved: readonly string[];
}

/** The members to remove. */
interface MemberFacts {
  readonly members: readonly string[];
}

/** Removes members of groups. */
@Injectable()
export class ParticipantRemovals {
  constructor(
    private readonly pipeline: WritePipeline,
    private readonly ownership: Ownership,
    private readonly participants: ParticipantReads,
    private readonly readBack: ReadBack,
  ) {}

  /** Throws `NOT_FOUND` if none of the phone numbers is a member, and what every write throws. */
  async remove(
    scope: TenantScope,
    groupId: string,
    phoneNumbers: readonly string[],
  ): Promise<WriteOutcome<ParticipantRemoval>> {
    return this.pipeline.run<'deleteParticipants', MemberFacts, ParticipantRemoval>({
      scope,
      groupId,
      operation: 'deleteParticipants',
      identity: ['removeParticipants', groupId, phoneNumbers.toSorted()],
      facts: async (owned) => {
        const before = await this.participants.of(owned);
        const members = phoneNumbers.filter((number) => before.has(number));
        if (members.length > 0) return { members };
        throw new GatewayError('NOT_FOUND', 'None of the phone numbers is a member of the group.');
      },
      fields: ({ members }) => ({ groupId, phoneNumbers: members }),
      confirm: async ({ result, coherence, upstreamRequestId }, owned, { members }) => {
        const left = await this.participants.leftOf(owned, members, result.affected, upstreamRequestId);
        const removed = new Set(members.filter((number) => !left.has(number)));
        return {
          coherence,
          upstreamRequestId,
          row: await this.readBack.shown(owned),
          removedCount: removed.size,
          notRemoved: phoneNumbers.filter((number) => !removed.has(number)),
        };
      },
      reconcile: async ({ facts, result, mayStillApply }) => {
        const owned = await this.ownership.prove(scope, groupId);
        const left = await this.participants.of(owned);
        const removed = facts.members.filter((number) => !left.has(number));
        // The number that CAMS reported, or all while CAMS may still execute the write.
        const expected = result?.affected ?? (mayStillApply ? facts.members.length : 0);
        if (removed.length < expected) return unknown();
        if (removed.length === 0)
          return failed(
            notExecuted('The members are still in the group, and CAMS can no longer remove them.'),
          );
        const row = (await this.ownership.findNow(owned)) ?? unknownGroup(groupId);
        const notRemoved = phoneNumbers.filter((number) => !removed.includes(number));
        return done({ ...FOUND, row, removedCount: removed.length, notRemoved });
      },
    });
  }
}
