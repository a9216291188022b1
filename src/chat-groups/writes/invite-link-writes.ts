import { Injectable } from '@nestjs/common';
import type { CamsGroupRow } from '../../cams/api.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { digestOf } from '../../util/digest.js';
import { type OwnedGroup, Ownership } from '../reads/ownership.js';
import { ReadBack, unknownGroup } from './read-back.js';
import { FOUND, type Written, done, unknown } from './write.js';
import { WritePipeline } from './write-pipeline.js';
import type { WriteOutcome } from '../../idempotency/idempotency.js';

export interface LinkedGroup extends Written {
  readonly row: CamsGroupRow;
}

export interface NewLink extends LinkedGroup {
  readonly inviteLink: string;
}

/** Digest of the link before the write. */
interface LinkFacts {
  readonly linkBefore: string;
}

/** Creates and deletes invite links of groups. */
@Injectable()
export class InviteLinkWrites {
  constructor(
    private readonly pipeline: WritePipeline,
    private readonly ownership: Ownership,
    private readonly readBack: ReadBack,
  ) {}

  /** Creates a link, replacing an existing one. */
  async create(scope: TenantScope, groupId: string): Promise<WriteOutcome<NewLink>> {
    return this.pipeline.run<'addInviteLink', LinkFacts, NewLink>({
      scope,
      groupId,
      operation: 'addInviteLink',
      identity: ['createInviteLink', groupId],
      facts: (owned) => this.#facts(owned),
      fields: () => ({ groupId }),
      confirm: async ({ result: { inviteLink }, coherence, upstreamRequestId }, owned) => {
        const row = await this.readBack.shown(owned, { inviteLink });
        return { coherence, upstreamRequestId, inviteLink, row };
      },
      // A different link proves that the write was executed; the same link proves nothing.
      reconcile: async ({ facts, result }) => {
        const row = await this.ownership.findNow({ scope, groupId });
        const changed = row && linkDigest(row) !== facts.linkBefore ? row.inviteLink : undefined;
        const inviteLink = result?.inviteLink ?? changed;
        if (inviteLink === undefined) return unknown();
        return done({ ...FOUND, inviteLink, row: { ...(row ?? unknownGroup(groupId)), inviteLink } });
      },
    });
  }

  async delete(scope: TenantScope, groupId: string): Promise<WriteOutcome<LinkedGroup>> {
    return this.pipeline.run<'deleteInviteLink', LinkFacts, LinkedGroup>({
      scope,
      groupId,
      operation: 'deleteInviteLink',
      identity: ['deleteInviteLink', groupId],
      facts: (owned) => this.#facts(owned),
      fields: () => ({ groupId }),
      confirm: async ({ coherence, upstreamRequestId }, owned) => {
        const row = await this.readBack.shown(owned, { inviteLink: undefined });
        return { coherence, upstreamRequestId, row };
      },
      reconcile: async ({ facts, result }) => {
        const row = await this.ownership.findNow({ scope, groupId });
        if (!result && !(row && linkDigest(row) !== facts.linkBefore)) return unknown();
        return done({ ...FOUND, row: row ?? unknownGroup(groupId) });
      },
    });
  }

  async #facts(owned: OwnedGroup): Promise<LinkFacts> {
    const before = await this.readBack.before(owned);
    return { linkBefore: before ? linkDigest(before) : '' };
  }
}

/** Returns a digest of a group's link, also for a group without one. */
function linkDigest({ inviteLink }: CamsGroupRow): string {
  return digestOf(inviteLink === undefined ? [] : [inviteLink]);
}
