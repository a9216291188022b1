import { Injectable } from '@nestjs/common';
import type { CamsGroupRow } from '../../cams/api.js';
import type { Precondition } from '../model/etag.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { digestOf } from '../../util/digest.js';
import { type OwnedGroup, Ownership } from '../reads/ownership.js';
import { ReadBack } from './read-back.js';
import { FOUND, type Written, done, headerOf, unknown } from './write.js';
import { executedInPart } from './write-errors.js';
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
  async create(
    scope: TenantScope,
    groupId: string,
    precondition?: Precondition,
  ): Promise<WriteOutcome<NewLink>> {
    return this.pipeline.run<'addInviteLink', LinkFacts, NewLink>({
      scope,
      groupId,
      operation: 'addInviteLink',
      identity: ['createInviteLink', groupId, ...headerOf(precondition)],
      precondition,
      facts: (owned) => this.#facts(owned),
      fields: () => ({ groupId }),
      confirm: async ({ result, coherence, upstreamRequestId }, owned) => {
        const before = this.readBack.lastKnown(owned);
        const row = await this.readBack.after(owned);
        // If CAMS sent no link, a different one than before shows that it was created.
        const changed = row?.inviteLink === before.inviteLink ? undefined : row?.inviteLink;
        const inviteLink = result.inviteLink ?? changed;
        if (inviteLink === undefined) throw executedInPart(result.inPart, upstreamRequestId);
        const shown = { ...(row ?? before), inviteLink };
        return { coherence, upstreamRequestId, inviteLink, row: shown };
      },
      // A different link proves that the write was executed; the same link proves nothing.
      reconcile: async ({ facts, result, mayStillApply }) => {
        const row = await this.ownership.findNow({ scope, groupId });
        const changed = row && linkDigest(row) !== facts.linkBefore ? row.inviteLink : undefined;
        const inviteLink = result?.inviteLink ?? changed;
        if (inviteLink === undefined) return unknown(mayStillApply);
        return done({
          ...FOUND,
          inviteLink,
          row: { ...(row ?? this.readBack.lastKnown({ scope, groupId })), inviteLink },
        });
      },
    });
  }

  async delete(
    scope: TenantScope,
    groupId: string,
    precondition?: Precondition,
  ): Promise<WriteOutcome<LinkedGroup>> {
    return this.pipeline.run<'deleteInviteLink', LinkFacts, LinkedGroup>({
      scope,
      groupId,
      operation: 'deleteInviteLink',
      identity: ['deleteInviteLink', groupId, ...headerOf(precondition)],
      precondition,
      facts: (owned) => this.#facts(owned),
      fields: () => ({ groupId }),
      confirm: async ({ result, coherence, upstreamRequestId }, owned) => {
        const { inPart } = result;
        if (inPart) await this.readBack.requireEffect(owned, { inPart, upstreamRequestId }, hasNoLink);
        const row = await this.readBack.shown(owned, { inviteLink: undefined });
        return { coherence, upstreamRequestId, row };
      },
      reconcile: async ({ facts, result, mayStillApply }) => {
        const row = await this.ownership.findNow({ scope, groupId });
        const isConfirmed = result !== undefined && !result.inPart;
        if (!isConfirmed && !(row && linkDigest(row) !== facts.linkBefore)) return unknown(mayStillApply);
        return done({ ...FOUND, row: row ?? this.readBack.lastKnown({ scope, groupId }) });
      },
    });
  }

  async #facts(owned: OwnedGroup): Promise<LinkFacts> {
    const before = await this.readBack.before(owned);
    return { linkBefore: before ? linkDigest(before) : '' };
  }
}

function hasNoLink(row: CamsGroupRow | undefined): boolean {
  return row !== undefined && row.inviteLink === undefined;
}

/** Returns a digest of a group's link, also for a group without one. */
function linkDigest({ inviteLink }: CamsGroupRow): string {
  return digestOf(inviteLink === undefined ? [] : [inviteLink]);
}
