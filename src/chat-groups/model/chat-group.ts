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
  description: 'State of a group at WhatsApp.',
  valuesMap: {
    UNKNOWN: { description: 'CAMS wrote a value that the gateway does not know: see `rawStatus`.' },
  },
});

export enum ChannelType {
  WHATSAPP = 'WHATSAPP',
}
registerEnumType(ChannelType, { name: 'ChannelType', description: 'The channel that a group lives on.' });

@ObjectType({ description: 'A WhatsApp chat group of one business number.' })
export class ChatGroup {
  @ApiOutputField(() => ID, {
    description: 'Opaque id; space, number and group id are inside.',
    example: 'ZzEAY2Ftcy1hY21l',
  })
  id!: string;

  @ApiOutputField(() => ID, { description: 'The id at CAMS.', example: '7f3k9q2m4x1c' })
  groupId!: string;

  @ApiOutputField(() => ID, { description: 'The space that the group belongs to.', example: 'cams-acme' })
  custSpaceId!: string;

  @ApiOutputField(() => String, {
    description: 'The business number that owns the group.',
    example: '8613800000001',
  })
  businessNumber!: string;

  @ApiOutputField(() => ChannelType, {
    description: 'The channel.',
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
    description: 'Status as CAMS wrote it.',
    nullable: true,
    example: 'ACTIVE',
  })
  rawStatus!: string | null;

  @ApiOutputField(() => String, {
    description: 'Link by which people join; null without the permission `groups:invite`.',
    nullable: true,
  })
  inviteLink!: string | null;

  @ApiOutputField(() => String, { description: 'URL of the picture.', nullable: true })
  profilePictureUrl!: string | null;

  @ApiOutputField(() => Int, { description: 'Members, as of the listing.', nullable: true, example: 5 })
  participantCount!: number | null;
}

@ObjectType({ description: 'A member of a group.' })
export class ChatGroupParticipant {
  @ApiOutputField(() => String, { description: 'Full phone number of the member.', example: '8613700000001' })
  phoneNumber!: string;
}

/** What a caller's permissions show of a group. A field that depends on a permission gets its flag here. */
interface GroupView {
  /** Invite links. */
  readonly links: boolean;
}

function viewOf(scope: TenantScope): GroupView {
  return { links: scope.allows('groups:invite') };
}

/** The same for callers who see the same of a group: what is made for one of them can be sent to the others. */
export function viewKey(scope: TenantScope): string {
  return JSON.stringify(viewOf(scope));
}

/** The group as this caller may see it. */
export function toChatGroup(scope: TenantScope, row: CamsGroupRow): ChatGroup {
  return shown(row, scope, viewOf(scope));
}

/** Field by field. It gets no scope to ask for permissions: what the view does not say must not differ between callers. */
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
