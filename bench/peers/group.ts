import type { CamsChatGroup } from '../../src/cams/wire.js';
import { encodeChatGroupId } from '../../src/chat-groups/model/chat-group-id.js';
import type { Scope } from '../data/scopes.js';

/** A group with every field that the gateway's schema has, but for the participants. */
export interface Group extends Scope {
  readonly id: string;
  readonly groupId: string;
  readonly channelType: string;
  readonly subject: string | null;
  readonly description: string | null;
  readonly status: string;
  readonly rawStatus: string | null;
  readonly inviteLink: string | null;
  readonly profilePictureUrl: string | null;
  readonly participantCount: number | null;
}

/** Reads a group as CAMS writes it. */
export function groupOf({ custSpaceId, businessNumber }: Scope, row: CamsChatGroup): Group {
  return {
    // The same opaque ids, so that all servers are asked the same.
    id: encodeChatGroupId({ custSpaceId, businessNumber, groupId: row.GroupId }),
    groupId: row.GroupId,
    custSpaceId,
    businessNumber,
    channelType: 'WHATSAPP',
    subject: row.Subject ?? null,
    description: row.Description ?? null,
    status: row.GroupStatus ?? 'UNKNOWN',
    rawStatus: row.GroupStatus ?? null,
    inviteLink: row.InviteLink ?? null,
    profilePictureUrl: row.ProfilePictureFile ?? null,
    participantCount: row.TotalParticipantCount ?? null,
  };
}
