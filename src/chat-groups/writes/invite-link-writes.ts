import { Injectable } from '@nestjs/common';
import type { RequestContext } from '../../request/request-context.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import {
  type Affected,
  GroupReconciliation,
  type LinkFacts,
  type LinkedGroup,
  type NewLink,
  linkDigest,
} from './group-reconciliation.js';
import { GroupTurns } from './group-turns.js';
import type { OwnedGroup } from '../reads/ownership.js';
import { RecordedWrites } from './recorded-writes.js';
import { UpstreamWrites } from './upstream-writes.js';
import { mustHaveTouched } from './write-errors.js';

/** Makes and deletes the links by which people join a group. */
@Injectable()
export class InviteLinkWrites {
  constructor(
    private readonly recorded: RecordedWrites,
    private readonly upstream: UpstreamWrites,
    private readonly turns: GroupTurns,
    private readonly reconciliation: GroupReconciliation,
  ) {}

  /** A link that exists is replaced. */
  async create(scope: TenantScope, groupId: string, context: RequestContext): Promise<NewLink> {
    return this.recorded.run<LinkFacts, { inviteLink: string }, NewLink>(scope, context, {
      identity: ['createInviteLink', groupId],
      execute: (attempt) =>
        this.turns.withGroupLock(scope, groupId, context, undefined, async ({ owned, lock }) => {
          const backing = { attempt, facts: await this.#facts(owned, context), lock };
          const sent = this.upstream.send(scope, 'addInviteLink', { groupId }, context, backing);
          const { result, ...written } = await sent;
          const { inviteLink } = result;
          return { ...written, inviteLink, row: await this.turns.shown(owned, context, { inviteLink }) };
        }),
      reconcile: (sent) => this.reconciliation.newLink(scope, groupId, sent, context),
    });
  }

  async delete(scope: TenantScope, groupId: string, context: RequestContext): Promise<LinkedGroup> {
    return this.recorded.run<LinkFacts, Affected, LinkedGroup>(scope, context, {
      identity: ['deleteInviteLink', groupId],
      execute: (attempt) =>
        this.turns.withGroupLock(scope, groupId, context, undefined, async ({ owned, lock }) => {
          const backing = { attempt, facts: await this.#facts(owned, context), lock };
          const sent = this.upstream.send(scope, 'deleteInviteLink', { groupId }, context, backing);
          const { result, ...written } = await sent;
          mustHaveTouched(result, written);
          return { ...written, row: await this.turns.shown(owned, context, { inviteLink: undefined }) };
        }),
      reconcile: (sent) => this.reconciliation.deletedLink(scope, groupId, sent, context),
    });
  }

  async #facts(owned: OwnedGroup, context: RequestContext): Promise<LinkFacts> {
    const before = await this.turns.before(owned, context);
    return { linkBefore: before ? linkDigest(before) : '' };
  }
}
