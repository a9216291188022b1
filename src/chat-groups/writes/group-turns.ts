import { Injectable, Logger } from '@nestjs/common';
import type { CamsGroupRow } from '../../cams/api.js';
import { GatewayError, notFound } from '../../errors/gateway-error.js';
import type { RequestContext } from '../../request/request-context.js';
import type { Lock } from '../../state/locks.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { toChatGroup } from '../model/chat-group.js';
import type { Precondition } from '../model/etag.js';
import { GroupLocks } from './group-locks.js';
import { type OwnedGroup, Ownership } from '../reads/ownership.js';
import { UpstreamWrites } from './upstream-writes.js';

/** A write that has its turn: for a group proved to be the caller's, under the group's lock. */
export interface GroupLease {
  readonly owned: OwnedGroup;
  readonly lock: Lock;
}

/** What every write to a group that exists begins and ends with. */
@Injectable()
export class GroupTurns {
  readonly #logger = new Logger(GroupTurns.name);

  constructor(
    private readonly ownership: Ownership,
    private readonly groupLocks: GroupLocks,
    private readonly upstream: UpstreamWrites,
  ) {}

  /**
   * Ownership first, then one write of a group at a time, and `If-Match` judged against an uncached read. Throws
   * `NOT_FOUND`, `PRECONDITION_FAILED`, and `OVERLOADED` when the turn does not come in time.
   */
  async withGroupLock<T>(
    scope: TenantScope,
    groupId: string,
    context: RequestContext,
    precondition: Precondition | undefined,
    write: (turn: GroupLease) => Promise<T>,
  ): Promise<T> {
    await this.ownership.prove(scope, groupId, context);
    return this.groupLocks.run(scope, groupId, context, async (lock) => {
      // Whoever wrote before may have deleted it.
      const owned = await this.ownership.prove(scope, groupId, context);
      if (precondition) await this.#require(precondition, owned, context);
      return write({ owned, lock });
    });
  }

  /** The group before a write that may have to be reconciled; `undefined` for one without a key. */
  async before(owned: OwnedGroup, context: RequestContext): Promise<CamsGroupRow | undefined> {
    if (context.idempotencyKey === undefined) return undefined;
    const row = await this.ownership.findNow(owned, context);
    if (!row) throw notFound();
    return row;
  }

  /** The group after a write. The write is done, so a failed read must not turn it into a failure. */
  async readBack(owned: OwnedGroup, context: RequestContext): Promise<CamsGroupRow | undefined> {
    try {
      return await this.ownership.findNow(owned, context);
    } catch (error) {
      const code = error instanceof GatewayError ? error.code : 'INTERNAL';
      this.#logger.warn({ msg: 'the group could not be read after a write', code });
      return undefined;
    }
  }

  /** As {@link readBack}, with what is known better; as much of the group as there is. */
  async shown(
    owned: OwnedGroup,
    context: RequestContext,
    overlay: Partial<CamsGroupRow> = {},
  ): Promise<CamsGroupRow> {
    return { ...((await this.readBack(owned, context)) ?? unknownGroup(owned.groupId)), ...overlay };
  }

  async #require(precondition: Precondition, owned: OwnedGroup, context: RequestContext): Promise<void> {
    const row = await this.ownership.findNow(owned, context);
    try {
      if (!row) throw notFound();
      precondition.judge(toChatGroup(owned.scope, row));
    } catch (error) {
      // Who reads again to decide anew must not get the page that misled it.
      await this.upstream.outdated(owned.scope);
      throw error;
    }
  }
}

/** A group of which nothing was read. */
export function unknownGroup(groupId: string): CamsGroupRow {
  return { groupId, status: 'UNKNOWN' };
}
