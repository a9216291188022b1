import { Injectable } from '@nestjs/common';
import { GatewayError } from '../../errors/gateway-error.js';
import type { RequestContext } from '../../request/request-context.js';
import type { WriteRecorder } from '../../idempotency/write-recorder.js';
import { TenantDeleteLimit } from '../../rate-limit/tenant-delete-limit.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import type { Precondition } from '../model/etag.js';
import { type GroupChanges, expectedAfter, shows, touchedDigest } from '../model/group-changes.js';
import {
  type Affected,
  GroupReconciliation,
  type MemberFacts,
  type ParticipantRemoval,
  type UpdateFacts,
  type UpdatedGroup,
} from './group-reconciliation.js';
import { GroupTurns, type GroupLease } from './group-turns.js';
import { GroupIndex } from '../reads/group-index.js';
import { Ownership } from '../reads/ownership.js';
import { ParticipantReads } from '../reads/participants.js';
import { RecordedWrites } from './recorded-writes.js';
import { SubjectLocks } from './subject-locks.js';
import { UpstreamWrites, type Written } from './upstream-writes.js';
import { mustHaveTouched } from './write-errors.js';

/** Writes to a group that exists: each goes upstream exactly once, and only for a group proved to be the caller's. */
@Injectable()
export class GroupWrites {
  constructor(
    private readonly recorded: RecordedWrites,
    private readonly upstream: UpstreamWrites,
    private readonly participants: ParticipantReads,
    private readonly reconciliation: GroupReconciliation,
    private readonly ownership: Ownership,
    private readonly known: GroupIndex,
    private readonly turns: GroupTurns,
    private readonly subjectLocks: SubjectLocks,
    private readonly deleteLimit: TenantDeleteLimit,
  ) {}

  async update(
    scope: TenantScope,
    groupId: string,
    changes: GroupChanges,
    context: RequestContext,
    precondition?: Precondition,
  ): Promise<UpdatedGroup> {
    const { subject = null, description = null, profilePictureUrl = null } = changes;
    return this.recorded.run<UpdateFacts, Affected, UpdatedGroup>(scope, context, {
      identity: ['updateChatGroup', groupId, subject, description, profilePictureUrl, precondition?.header],
      execute: (attempt) =>
        this.turns.withGroupLock(scope, groupId, context, precondition, (turn) =>
          this.#update(turn, changes, context, attempt),
        ),
      reconcile: (sent) => this.reconciliation.update(scope, groupId, changes, sent, context),
    });
  }

  async delete(
    scope: TenantScope,
    groupId: string,
    context: RequestContext,
    precondition?: Precondition,
  ): Promise<Written> {
    return this.recorded.run<unknown, Affected, Written>(scope, context, {
      identity: ['deleteChatGroup', groupId, precondition?.header],
      execute: (attempt) =>
        this.turns.withGroupLock(scope, groupId, context, precondition, (turn) =>
          this.#delete(turn, context, attempt),
        ),
      reconcile: (sent) => this.reconciliation.delete(scope, groupId, sent, context),
    });
  }

  /** Removes members. Numbers that are none, or that CAMS did not remove, are told in `notRemoved`. */
  async removeParticipants(
    scope: TenantScope,
    groupId: string,
    phoneNumbers: readonly string[],
    context: RequestContext,
  ): Promise<ParticipantRemoval> {
    return this.recorded.run<MemberFacts, Affected, ParticipantRemoval>(scope, context, {
      identity: ['removeParticipants', groupId, phoneNumbers.toSorted()],
      execute: (attempt) =>
        this.turns.withGroupLock(scope, groupId, context, undefined, (turn) =>
          this.#remove(turn, phoneNumbers, context, attempt),
        ),
      reconcile: async (sent) => {
        const owned = await this.ownership.prove(scope, groupId, context);
        return this.reconciliation.removal(owned, phoneNumbers, sent, context);
      },
    });
  }

  async #update(
    { owned, lock }: GroupLease,
    changes: GroupChanges,
    context: RequestContext,
    attempt: WriteRecorder,
  ): Promise<UpdatedGroup> {
    const { scope, groupId } = owned;
    const { subject } = changes;
    const release =
      subject === undefined ? undefined : await this.subjectLocks.acquireForUpdate(scope, subject);
    try {
      const fields = { groupId, ...changes };
      const before = await this.turns.before(owned, context);
      const facts: UpdateFacts = { touchedBefore: before ? touchedDigest(before, changes) : '' };
      const backing = { attempt, facts, lock };
      const { result, ...written } = await this.upstream.send(
        scope,
        'updateChatGroup',
        fields,
        context,
        backing,
      );
      mustHaveTouched(result, written);
      const row = await this.turns.readBack(owned, context);
      const settled = row !== undefined && shows(row, changes);
      return { ...written, row: expectedAfter(groupId, row, changes), settled };
    } finally {
      await release?.();
    }
  }

  async #delete(
    { owned, lock }: GroupLease,
    context: RequestContext,
    attempt: WriteRecorder,
  ): Promise<Written> {
    const { scope, groupId } = owned;
    const backing = { attempt, facts: {}, lock };
    const counted = await this.deleteLimit.consume(scope.tenant);
    try {
      const { result, ...written } = await this.upstream.send(
        scope,
        'deleteChatGroup',
        { groupId },
        context,
        backing,
      );
      mustHaveTouched(result, written);
      this.known.forget(scope, groupId);
      return written;
    } catch (error) {
      // Only what may have deleted something counts.
      const nothing = error instanceof GatewayError && error.code !== 'OUTCOME_UNKNOWN';
      if (nothing) await this.deleteLimit.giveBack(scope.tenant, counted);
      throw error;
    }
  }

  async #remove(
    { owned, lock }: GroupLease,
    phoneNumbers: readonly string[],
    context: RequestContext,
    attempt: WriteRecorder,
  ): Promise<ParticipantRemoval> {
    const before = await this.participants.of(owned, context);
    const members = phoneNumbers.filter((number) => before.has(number));
    if (members.length === 0)
      throw new GatewayError('NOT_FOUND', 'None of the numbers is a member of the group.');
    const fields = { groupId: owned.groupId, phoneNumbers: members };
    const backing = { attempt, facts: { members }, lock };
    const { result, ...written } = await this.upstream.send(
      owned.scope,
      'deleteParticipants',
      fields,
      context,
      backing,
    );
    mustHaveTouched(result, written);
    const left = await this.participants.leftOf(owned, members, result.affected, context);
    const removed = new Set(members.filter((number) => !left.has(number)));
    return {
      ...written,
      row: await this.turns.shown(owned, context),
      removedCount: removed.size,
      notRemoved: phoneNumbers.filter((number) => !removed.has(number)),
    };
  }
}
