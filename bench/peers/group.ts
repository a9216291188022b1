import type { CamsChatGroup } from '../../src/cams/wire.js';
import { encodeChatGroupId } from '../../src/chat-groups/model/chat-group-id.js';
import type { Scope } from '../data/scopes.js';

/** A group with every field of the gateway's schema, except for the participants. */
export interface Group extends Scope {
  readonly id: string;
  readonly groupId: string;
  readonly channelType: string;
  readonly subject: string | null;
  readonly description: string | null;
  readonly status: string;
  readonly rawStatus: string | null;
  readonly inviteLink: string | null;
  readonly inviteLinkVisible: boolean;
  readonly profilePictureUrl: string | null;
  readonly participantCount: number | null;
  readonly groupType: string | null;
  readonly groupLink: string | null;
  readonly businessRole: string | null;
}

/** Converts a group from the format of CAMS. */
export function groupOf({ custSpaceId, businessNumber }: Scope, row: CamsChatGroup): Group {
  return {
    // The gateway's opaque IDs, so that all servers get the same requests.
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
    inviteLinkVisible: true,
    profilePictureUrl: row.ProfilePictureFile ?? null,
    participantCount: row.TotalParticipantCount ?? null,
    groupType: row.GroupType ?? null,
    groupLink: row.GroupLink ?? null,
    businessRole: row.BusinessRole ?? null,
  };
}
