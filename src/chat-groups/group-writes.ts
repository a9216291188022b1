import { Injectable, Logger } from '@nestjs/common';
import { CamsClient } from '../cams/cams-client.js';
import type { CamsGroupRow } from '../cams/operations.js';
import { GatewayError, notFound } from '../common/errors.js';
import { KeyedMutex } from '../common/keyed-mutex.js';
import type { RequestContext } from '../common/request-context.js';
import type { TenantScope } from '../tenancy/tenant-scope.js';
import { type ChatGroup, toChatGroup } from './chat-group.js';
import type { Precondition } from './etag.js';
import { KnownGroups } from './known-groups.js';
import { type OwnedGroup, Ownership } from './ownership.js';
import { SubjectLocks } from './subject-locks.js';
import { UpstreamWrites, type Written } from './upstream-writes.js';

export interface GroupChanges {
  readonly subject?: string;
  readonly description?: string;
  readonly profilePictureUrl?: string;
}

export interface UpdatedGroup extends Written {
  readonly group: ChatGroup;
  /** Whether the group, read back, shows the change; WhatsApp applies it asynchronously. */
  readonly settled: boolean;
}

export interface RemovedParticipants extends Written {
  readonly group: ChatGroup;
  readonly removedCount: number;
  readonly notRemoved: readonly string[];
}

/** Writes to a group that exists: each goes upstream exactly once, and only for a group proved to be the caller's. */
@Injectable()
export class GroupWrites {
  readonly #logger = new Logger(GroupWrites.name);
  readonly #oneAtATime = new KeyedMutex();

  constructor(
    private readonly upstream: UpstreamWrites,
    private readonly cams: CamsClient,
    private readonly ownership: Ownership,
    private readonly known: KnownGroups,
    private readonly subjectLocks: SubjectLocks,
  ) {}

  async update(
    scope: TenantScope,
    groupId: string,
    changes: GroupChanges,
    context: RequestContext,
    precondition?: Precondition,
  ): Promise<UpdatedGroup> {
    return this.#exclusively(scope, groupId, context, precondition, async (owned) => {
      const { subject } = changes;
      if (subject !== undefined) this.subjectLocks.acquire(scope, subject, '');
      try {
        const written = await this.upstream.send(scope, 'updateChatGroup', { groupId, ...changes }, context);
        mustHaveTouched(written.result.affected, written);
        const row = await this.#readBack(owned, context);
        const settled = row !== undefined && shows(row, changes);
        const shown: CamsGroupRow = settled
          ? row
          : { ...(row ?? { groupId }), ...changes, status: 'UPDATING', rawStatus: row?.rawStatus };
        return { ...written, group: toChatGroup(scope, shown), settled };
      } finally {
        if (subject !== undefined) this.subjectLocks.release(scope, subject, '');
      }
    });
  }

  async delete(
    scope: TenantScope,
    groupId: string,
    context: RequestContext,
    precondition?: Precondition,
  ): Promise<Written> {
    return this.#exclusively(scope, groupId, context, precondition, async () => {
      const written = await this.upstream.send(scope, 'deleteChatGroup', { groupId }, context);
      mustHaveTouched(written.result.affected, written);
      this.known.forget(scope, groupId);
      return written;
    });
  }

  /** Makes a link; one that exists is replaced. */
  async createInviteLink(
    scope: TenantScope,
    groupId: string,
    context: RequestContext,
  ): Promise<Written & { readonly inviteLink: string; readonly group: ChatGroup }> {
    return this.#exclusively(scope, groupId, context, undefined, async (owned) => {
      const written = await this.upstream.send(scope, 'addInviteLink', { groupId }, context);
      const { inviteLink } = written.result;
      return { ...written, inviteLink, group: await this.#shown(owned, context, { inviteLink }) };
    });
  }

  async deleteInviteLink(
    scope: TenantScope,
    groupId: string,
    context: RequestContext,
  ): Promise<Written & { readonly group: ChatGroup }> {
    return this.#exclusively(scope, groupId, context, undefined, async (owned) => {
      const written = await this.upstream.send(scope, 'deleteInviteLink', { groupId }, context);
      mustHaveTouched(written.result.affected, written);
      return { ...written, group: await this.#shown(owned, context, { inviteLink: undefined }) };
    });
  }

  /** Removes members. Numbers that are none, or that CAMS did not remove, are told in `notRemoved`. */
  async removeParticipants(
    scope: TenantScope,
    groupId: string,
    phoneNumbers: readonly string[],
    context: RequestContext,
  ): Promise<RemovedParticipants> {
    return this.#exclusively(scope, groupId, context, undefined, async (owned) => {
      const before = await this.#members(owned, context);
      const members = phoneNumbers.filter((number) => before.has(number));
      if (members.length === 0) {
        throw new GatewayError('NOT_FOUND', 'None of the numbers is a member of the group.');
      }
      const written = await this.upstream.send(
        scope,
        'deleteParticipants',
        { groupId, phoneNumbers: members },
        context,
      );
      mustHaveTouched(written.result.affected, written);
      const left = await this.#membersLeft(owned, members, written.result.affected, context);
      const removed = new Set(members.filter((number) => !left.has(number)));
      return {
        ...written,
        group: await this.#shown(owned, context, {}),
        removedCount: removed.size,
        notRemoved: phoneNumbers.filter((number) => !removed.has(number)),
      };
    });
  }

  /** Ownership first, then one write of a group at a time, and `If-Match` judged against an uncached read. */
  async #exclusively<T>(
    scope: TenantScope,
    groupId: string,
    context: RequestContext,
    precondition: Precondition | undefined,
    write: (owned: OwnedGroup) => Promise<T>,
  ): Promise<T> {
    await this.ownership.prove(scope, groupId, context);
    return this.#oneAtATime.run(`${scope.key}${groupId}`, context.remainingMs, async () => {
      // Whoever wrote before may have deleted it.
      const owned = await this.ownership.prove(scope, groupId, context);
      if (precondition) await this.#require(precondition, owned, context);
      return write(owned);
    });
  }

  /** Judges `If-Match` against what is upstream now. Throws `PRECONDITION_FAILED`, and `NOT_FOUND`. */
  async #require(precondition: Precondition, owned: OwnedGroup, context: RequestContext): Promise<void> {
    const row = await this.ownership.findNow(owned, context);
    try {
      if (!row) throw notFound();
      precondition(toChatGroup(owned.scope, row));
    } catch (error) {
      // Who reads again to decide anew must not get the page that misled it.
      await this.upstream.outdated(owned.scope);
      throw error;
    }
  }

  /** The group after a write. The write is done, so a failed read must not turn it into a failure. */
  async #readBack(owned: OwnedGroup, context: RequestContext): Promise<CamsGroupRow | undefined> {
    try {
      return await this.ownership.findNow(owned, context);
    } catch (error) {
      const code = error instanceof GatewayError ? error.code : 'INTERNAL';
      this.#logger.warn({ msg: 'the group could not be read after a write', code });
      return undefined;
    }
  }

  async #shown(
    owned: OwnedGroup,
    context: RequestContext,
    overlay: Partial<CamsGroupRow>,
  ): Promise<ChatGroup> {
    const row = await this.#readBack(owned, context);
    return toChatGroup(owned.scope, {
      ...(row ?? { groupId: owned.groupId, status: 'UNKNOWN' }),
      ...overlay,
    });
  }

  async #members({ scope, groupId }: OwnedGroup, context: RequestContext): Promise<ReadonlySet<string>> {
    const { result } = await this.cams.call(scope, 'listParticipants', { groupId }, context);
    return new Set(result.phoneNumbers);
  }

  /** Which of the members are left; read only where the count says that some must be. */
  async #membersLeft(
    owned: OwnedGroup,
    members: readonly string[],
    affected: number,
    context: RequestContext,
  ): Promise<ReadonlySet<string>> {
    if (affected >= members.length) return new Set();
    try {
      return await this.#members(owned, context);
    } catch (cause) {
      const detail = `CAMS removed ${affected} of ${members.length} members, and the list of those left could not be read.`;
      throw new GatewayError('OUTCOME_UNKNOWN', detail, { cause });
    }
  }
}

function mustHaveTouched(affected: number, { upstreamRequestId }: Written): void {
  if (affected > 0) return;
  throw new GatewayError('NOT_FOUND', 'CAMS found nothing to change: it is gone already.', {
    ...(upstreamRequestId !== undefined && { upstreamRequestId }),
  });
}

function shows(row: CamsGroupRow, changes: GroupChanges): boolean {
  return (Object.keys(changes) as (keyof GroupChanges)[]).every((field) => row[field] === changes[field]);
}
