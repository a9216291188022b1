import { Field, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { Cost } from '../../graphql/field-cost.js';
import type { CamsGroupRow } from '../../cams/api.js';
import { ApiOutputField } from '../../openapi/api-field.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { phoneDigits } from '../../util/phone-number.js';
import { encodeChatGroupId } from './chat-group-id.js';
import { etag } from './etag.js';
import { Node } from './node.js';

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

@ObjectType({ implements: () => Node, description: 'A WhatsApp group of a business number.' })
export class ChatGroup {
  @ApiOutputField(() => ID, {
    description: 'Opaque ID that encodes the space, the business number and the group ID.',
    example: 'ZzEAY2Ftcy1hY21l',
  })
  @Cost({ bytes: 75 })
  id!: string;

  @ApiOutputField(() => ID, {
    description: 'Group ID as assigned by CAMS.',
    example: '6011F4C9C91E5EB649C031A7',
  })
  @Cost({ bytes: 28 })
  groupId!: string;

  @ApiOutputField(() => ID, {
    description: 'ID of the space that the group belongs to.',
    example: 'cams-acme',
  })
  @Cost({ bytes: 24 })
  custSpaceId!: string;

  @ApiOutputField(() => String, {
    description: 'Business number that owns the group.',
    example: '8613800000001',
  })
  @Cost({ bytes: 17 })
  businessNumber!: string;

  @ApiOutputField(() => ChannelType, {
    description: 'Messaging channel.',
    enum: ChannelType,
    enumName: 'ChannelType',
    example: 'WHATSAPP',
  })
  channelType!: ChannelType;

  @ApiOutputField(() => String, {
    description: 'Subject, 1–128 characters.',
    nullable: true,
    example: 'Kyoto in May',
  })
  @Cost({ bytes: 64 })
  subject!: string | null;

  @ApiOutputField(() => String, {
    description: 'Description, up to 2048 characters.',
    nullable: true,
    example: 'Meet at gate 4.',
  })
  @Cost({ bytes: 400 })
  description!: string | null;

  @ApiOutputField(() => ChatGroupStatus, {
    description: 'Status.',
    enum: ChatGroupStatus,
    enumName: 'ChatGroupStatus',
    example: 'ACTIVE',
  })
  status!: ChatGroupStatus;

  @ApiOutputField(() => String, {
    description: 'Status as returned by CAMS.',
    nullable: true,
    example: 'ACTIVE',
  })
  @Cost({ bytes: 14 })
  rawStatus!: string | null;

  @ApiOutputField(() => String, {
    description: 'Invite link for joining the group; null without the permission `groups:invite`.',
    nullable: true,
    example: 'https://chat.whatsapp.com/AbCdEf',
  })
  @Cost({ bytes: 60 })
  inviteLink!: string | null;

  @ApiOutputField(() => Boolean, {
    description:
      'Whether you may see invite links. If true and `inviteLink` is null, the group has no invite link.',
    example: true,
  })
  inviteLinkVisible!: boolean;

  @ApiOutputField(() => String, {
    description: 'URL of the group picture.',
    nullable: true,
    example: 'https://images.acme.travel/kyoto.jpg',
  })
  @Cost({ bytes: 120 })
  profilePictureUrl!: string | null;

  @ApiOutputField(() => Int, {
    description: 'Number of members when CAMS listed the group.',
    nullable: true,
    example: 5,
  })
  participantCount!: number | null;

  @ApiOutputField(() => String, {
    description: 'Type of the group, if CAMS returns one, as it does for Telegram groups.',
    nullable: true,
    example: 'supergroup',
  })
  @Cost({ bytes: 14 })
  groupType!: string | null;

  @ApiOutputField(() => String, {
    description:
      'Link to the group, if CAMS returns one, as it does for Telegram groups; null without the permission `groups:invite`.',
    nullable: true,
    example: 'https://t.me/kyoto_in_may',
  })
  groupLink!: string | null;

  @ApiOutputField(() => String, {
    description: 'Role of the business in the group, if CAMS returns one.',
    nullable: true,
    example: 'ADMIN',
  })
  @Cost({ bytes: 14 })
  businessRole!: string | null;

  /** A getter, so that only those who read it pay for it. REST sends it as the header `ETag`, not in the body. */
  @Field(() => String, {
    description:
      'Entity tag of the group, as the REST API returns it. Pass it unchanged, with its quotation marks, as `ifMatch`. It changes with every field, also if members join. After an update that CAMS does not show yet, it is the tag that the group will have.',
  })
  @Cost({ bytes: 28 })
  get etag(): string {
    return (this.#etag ??= etag(this));
  }

  /** Kept, because the readers of a cached page share its groups, which are never changed. */
  #etag: string | undefined;
}

@ObjectType({ description: 'A member of a group.' })
export class ChatGroupParticipant {
  @ApiOutputField(() => ID, {
    description: 'ID of the member as listed by CAMS: a phone number or a user ID.',
    example: '8615022192065',
  })
  id!: string;

  @ApiOutputField(() => String, {
    description: 'Phone number of the member in digits; null if the member is not listed by phone number.',
    nullable: true,
    example: '8615022192065',
  })
  @Cost({ bytes: 18 })
  phoneNumber!: string | null;

  @ApiOutputField(() => String, {
    description:
      'ID of a member who is not listed by phone number, such as a WhatsApp user ID; null otherwise.',
    nullable: true,
    example: 'US.13491208655302741918',
  })
  @Cost({ bytes: 18 })
  userId!: string | null;
}

/** Returns a member by its ID, as listed by CAMS. */
export function toParticipant(id: string): ChatGroupParticipant {
  const phoneNumber = phoneDigits(id) ?? null;
  return { id, phoneNumber, userId: phoneNumber === null ? id : null };
}

/** The permission-dependent view of a group. Each field that depends on a permission has a flag here. */
interface GroupView {
  /** Whether invite links and links to groups are visible. */
  readonly links: boolean;
}

function viewOf(scope: TenantScope): GroupView {
  return { links: scope.allows('groups:invite') };
}

const viewKeys = new WeakMap<TenantScope['permissions'], string>();

/** Returns a key that callers share if they see the same fields of a group, so that they can share responses. */
export function viewKey(scope: TenantScope): string {
  const known = viewKeys.get(scope.permissions);
  if (known !== undefined) return known;
  const key = JSON.stringify(viewOf(scope));
  viewKeys.set(scope.permissions, key);
  return key;
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
  return Object.assign(new ChatGroup(), {
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
    inviteLinkVisible: links,
    profilePictureUrl: row.profilePictureUrl ?? null,
    participantCount: row.participantCount ?? null,
    groupType: row.groupType ?? null,
    groupLink: (links ? row.groupLink : null) ?? null,
    businessRole: row.businessRole ?? null,
  });
}
