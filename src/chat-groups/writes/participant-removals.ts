import { Injectable } from '@nestjs/common';
import type { CamsGroupRow } from '../../cams/api.js';
import { GatewayError } from '../../errors/gateway-error.js';
import type { Precondition } from '../model/etag.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { memberKey } from '../../util/phone-number.js';
import { Ownership } from '../reads/ownership.js';
import { ParticipantReads } from '../reads/participants.js';
import { ReadBack } from './read-back.js';
import { FOUND, type Written, done, failed, headerOf, unknown } from './write.js';
import { notExecuted } from './write-errors.js';
import { WritePipeline } from './write-pipeline.js';
import type { WriteOutcome } from '../../idempotency/idempotency.js';

export interface ParticipantRemoval extends Written {
  readonly row: CamsGroupRow;
  readonly removedCount: number;
  /** Those that were not members, or that CAMS did not remove. */
  readonly notRemoved: readonly string[];
}

/** The members to remove, by their IDs as CAMS lists them. */
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

  /**
   * Removes members, named by phone numbers in any spelling or by IDs. Throws `NOT_FOUND` if none of them is a member, and
   * what every write throws.
   */
  async remove(
    scope: TenantScope,
    groupId: string,
    named: readonly string[],
    precondition?: Precondition,
  ): Promise<WriteOutcome<ParticipantRemoval>> {
    const spelled = new Map(named.map((text) => [memberKey(text), text]));
    const keys = [...spelled.keys()];
    const keysExcept = (removed: readonly string[]): string[] => {
      const gone = new Set(removed.map(memberKey));
      return keys.filter((key) => !gone.has(key));
    };
    const outcome = await this.pipeline.run<'deleteParticipants', MemberFacts, ParticipantRemoval>({
      scope,
      groupId,
      operation: 'deleteParticipants',
      // By key: the same members in another spelling are the same request.
      identity: ['removeParticipants', groupId, keys.toSorted(), ...headerOf(precondition)],
      precondition,
      facts: async (owned) => {
        const before = await this.participants.of(owned);
        const members = keys.map((key) => before.get(key)).filter((id) => id !== undefined);
        if (members.length === 0)
          throw new GatewayError('NOT_FOUND', 'None of the given members is in the group.');
        return { members };
      },
      fields: ({ members }) => ({ groupId, participantIds: members }),
      confirm: async ({ result, coherence, upstreamRequestId }, owned, { members }) => {
        const left = await this.participants.leftOf(owned, members, result, upstreamRequestId);
        const removed = members.filter((id) => !left.has(memberKey(id)));
        const row = await this.readBack.shown(owned);
        const counts = { removedCount: removed.length, notRemoved: keysExcept(removed) };
        return { coherence, upstreamRequestId, row, ...counts };
      },
      reconcile: async ({ facts, result, mayStillApply }) => {
        const owned = await this.ownership.prove(scope, groupId);
        const left = await this.participants.of(owned);
        const removed = facts.members.filter((id) => !left.has(memberKey(id)));
        // The number that CAMS reported, or all while CAMS may still execute the write.
        const expected = result?.affected ?? (mayStillApply ? facts.members.length : 0);
        if (removed.length < expected) return unknown(mayStillApply);
        if (removed.length === 0)
          return failed(
            notExecuted('The members are still in the group, and CAMS can no longer remove them.'),
          );
        const row = (await this.ownership.findNow(owned)) ?? this.readBack.lastKnown(owned);
        return done({ ...FOUND, row, removedCount: removed.length, notRemoved: keysExcept(removed) });
      },
    });
    // A replay was recorded by key, perhaps for another spelling.
    const notRemoved = outcome.value.notRemoved.map((key) => spelled.get(key) ?? key);
    return { ...outcome, value: { ...outcome.value, notRemoved } };
  }
}
