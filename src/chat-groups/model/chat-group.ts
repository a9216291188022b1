import { ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { CamsGroupRow } from '../../cams/api.js';
import { ApiOutputField } from '../../openapi/api-field.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { encodeChatGroupId } from './chat-group-id.js';

export enum ChatGroupStatus {
  ACTIVE = 'ACTIVE',
  INACTIVE = 'INACTIVE',
  SUSPENDED = 'SUSPENDED',
  CREATING = 'CREATING',
  DELETING = 'DELETING',
  UPDATING = 'UPDATING',
  UNKNOWN = 'UNKNOWN',
}
registerEnumType(ChatGroupStatus, {
  name: 'ChatGroupStatus',
  description: 'Status of a group on WhatsApp.',
  valuesMap: {
    UNKNOWN: { description: 'CAMS returned a status that the gateway does not know; see `rawStatus`.' },
  },
});

export enum ChannelType {
  WHATSAPP = 'WHATSAPP',
}
registerEnumType(ChannelType, { name: 'ChannelType', description: 'Messaging channel of a group.' });

@ObjectType({ description: 'A WhatsApp group of a business number.' })
export class ChatGroup {
  @ApiOutputField(() => ID, {
    description: 'Opaque ID that encodes the space, the business number and the group ID.',
    example: 'ZzEAY2Ftcy1hY21l',
  })
  id!: string;

  @ApiOutputField(() => ID, { description: 'Group ID as assigned by CAMS.', example: '7f3k9q2m4x1c' })
  groupId!: string;

  @ApiOutputField(() => ID, {
    description: 'ID of the space that the group belongs to.',
    example: 'cams-acme',
  })
  custSpaceId!: string;

  @ApiOutputField(() => String, {
    description: 'Business number that owns the group.',
    example: '8613800000001',
  })
  businessNumber!: string;

  @ApiOutputField(() => ChannelType, {
    description: 'Messaging channel.',
    enum: ChannelType,
    enumName: 'ChannelType',
  })
  channelType!: ChannelType;

  @ApiOutputField(() => String, {
    description: 'Subject, 1–128 characters.',
    nullable: true,
    example: 'Kyoto in May',
  })
  subject!: string | null;

  @ApiOutputField(() => String, { description: 'Description, up to 2048 characters.', nullable: true })
  description!: string | null;

  @ApiOutputField(() => ChatGroupStatus, {
    description: 'Status.',
    enum: ChatGroupStatus,
    enumName: 'ChatGroupStatus',
  })
  status!: ChatGroupStatus;

  @ApiOutputField(() => String, {
    description: 'Status as returned by CAMS.',
    nullable: true,
    example: 'ACTIVE',
  })
  rawStatus!: string | null;

  @ApiOutputField(() => String, {
    description: 'Invite link for joining the group; null without the permission `groups:invite`.',
    nullable: true,
  })
  inviteLink!: string | null;

  @ApiOutputField(() => String, { description: 'URL of the group picture.', nullable: true })
  profilePictureUrl!: string | null;

  @ApiOutputField(() => Int, {
    description: 'Number of members when CAMS listed the group.',
    nullable: true,
    example: 5,
  })
  participantCount!: number | null;
}

@ObjectType({ description: 'A member of a group.' })
export class ChatGroupParticipant {
  @ApiOutputField(() => String, { description: 'Full phone number of the member.', example: '8613700000001' })
  phoneNumber!: string;
}

/** The permission-dependent view of a group. Each field that depends on a permission has a flag here. */
interface GroupView {
  /** Whether invite links are visible. */
  readonly links: boolean;
}

function viewOf(scope: TenantScope): GroupView {
  return { links: scope.allows('groups:invite') };
}

/** Returns a key that callers share if they see the same fields of a group, so that they can share responses. */
export function viewKey(scope: TenantScope): string {
  return JSON.stringify(viewOf(scope));
}

/** Returns the group as this caller may see it. */
export function toChatGroup(scope: TenantScope, row: CamsGroupRow): ChatGroup {
  return shown(row, scope, viewOf(scope));
}

/** Receives no permissions: only what the view says may differ between callers. */
function shown(
  row: CamsGroupRow,
  { custSpaceId, businessNumber }: Pick<TenantScope, 'custSpaceId' | 'businessNumber'>,
  { links }: GroupView,
): ChatGroup {
  return {
    id: encodeChatGroupId({ custSpaceId, businessNumber, groupId: row.groupId }),
    groupId: row.groupId,
    custSpaceId,
    businessNumber,
    channelType: ChannelType.WHATSAPP,
    subject: row.subject ?? null,
    description: row.description ?? null,
    status: ChatGroupStatus[row.status],
    rawStatus: row.rawStatus ?? null,
    inviteLink: (links ? row.inviteLink : null) ?? null,
    profilePictureUrl: row.profilePictureUrl ?? null,
    participantCount: row.participantCount ?? null,
  };
}
