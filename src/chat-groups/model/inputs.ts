import { IsBoolean, IsOptional } from 'class-validator';
import { ArgsType, InputType, Int } from '@nestjs/graphql';
import { ApiInputField } from '../../openapi/api-field.js';
import { DEFAULT_PAGE_SIZE, MAX_CURSOR, MAX_PAGE_SIZE } from './page-size.js';
import { validationFailed } from '../../errors/gateway-error.js';
import { Remembered } from '../../http/input.pipe.js';
import { ChatGroupStatus } from './chat-group.js';
import { BusinessNumber, GroupId, IdempotencyKey, IfMatch, SpaceId } from './input-fields.js';
import type { GroupChanges } from './group-changes.js';
import { ArePhoneNumbers } from './list-validators.js';
import { ParticipantRemovalInput } from './participant-inputs.js';
import {
  IsDescription,
  IsOneOf,
  IsPictureUrl,
  IsShortText,
  IsSubject,
  IsWholeNumber,
  IsOptionalButNotNull,
} from './validators.js';

/** Each number costs at least one call to CAMS if its list is not cached. */
export const MAX_JOINED_NUMBERS = 10;
/** Far more than the 10,000 groups that a business number can have. */
const MAX_OFFSET = 1_000_000;
/** Twice the length of a cursor. */
const MAX_FILTER = 128;

const listableStatuses = Object.values(ChatGroupStatus).filter(
  (status) => status !== ChatGroupStatus.UNKNOWN,
);

/** Filters that REST and GraphQL share. */
@ArgsType()
export class GroupFilterArgs {
  @IsOptional()
  @IsOneOf(listableStatuses)
  @ApiInputField(() => ChatGroupStatus, {
    description: 'Only groups with this status. `UNKNOWN` is not allowed.',
    nullable: true,
    enum: Object.fromEntries(listableStatuses.map((status) => [status, status])),
    enumName: 'ChatGroupStatusFilter',
    example: 'ACTIVE',
  })
  status?: Exclude<ChatGroupStatus, ChatGroupStatus.UNKNOWN>;

  @IsOptional()
  @IsShortText(MAX_FILTER)
  @ApiInputField(() => String, {
    description: 'Only groups whose subject matches; CAMS does the matching.',
    nullable: true,
    example: 'Kyoto',
  })
  subject?: string;
}

/** Filters and paging of GraphQL lists. */
@ArgsType()
class GroupPagingArgs extends GroupFilterArgs {
  @IsOptional()
  @IsWholeNumber(1, MAX_PAGE_SIZE)
  @ApiInputField(() => Int, {
    description: `Number of groups from the start, 1–${MAX_PAGE_SIZE}. Default: ${DEFAULT_PAGE_SIZE}.`,
    nullable: true,
  })
  first?: number;

  @IsOptional()
  @IsShortText(MAX_CURSOR)
  @ApiInputField(() => String, { description: 'Only groups after this cursor.', nullable: true })
  after?: string;

  @IsOptional()
  @IsWholeNumber(1, MAX_PAGE_SIZE)
  @ApiInputField(() => Int, {
    description: `Number of groups from the end, 1–${MAX_PAGE_SIZE}. Not together with \`first\` or \`offset\`.`,
    nullable: true,
  })
  last?: number;

  @IsOptional()
  @IsShortText(MAX_CURSOR)
  @ApiInputField(() => String, { description: 'Only groups before this cursor.', nullable: true })
  before?: string;

  @IsOptional()
  @IsWholeNumber(0, MAX_OFFSET)
  @ApiInputField(() => Int, {
    description:
      'Number of groups to skip. An alternative to cursors: not together with `last`, `after` or `before`.',
    nullable: true,
  })
  offset?: number;
}

@Remembered()
@ArgsType()
export class ChatGroupsArgs extends GroupPagingArgs {
  @SpaceId()
  custSpaceId?: string;

  @BusinessNumber()
  businessNumber!: string;
}

@ArgsType()
export class SpaceChatGroupsArgs extends GroupPagingArgs {
  @SpaceId()
  custSpaceId?: string;

  @IsOptional()
  @ArePhoneNumbers(MAX_JOINED_NUMBERS)
  @ApiInputField(() => [String], {
    description: `Business numbers, at most ${MAX_JOINED_NUMBERS}, in the order in which to list their groups. Default: the numbers that your access to the space is limited to; required if it is not limited.`,
    nullable: true,
  })
  businessNumbers?: string[];
}

@Remembered()
@ArgsType()
export class ChatGroupArgs {
  @GroupId()
  id!: string;
}

/** Fields of a new group; the body of the REST call. */
@InputType({ isAbstract: true })
export class NewChatGroupInput {
  @IsSubject()
  @ApiInputField(() => String, { description: 'Subject, 1–128 characters.', example: 'Kyoto in May' })
  subject!: string;

  @IsDescription()
  @IsOptionalButNotNull()
  @ApiInputField(() => String, {
    description: 'Description, 1–2048 characters.',
    nullable: true,
    example: 'Meet at gate 4.',
  })
  description?: string;

  @IsOptional()
  @IsBoolean({ message: 'must be true or false' })
  @ApiInputField(() => Boolean, {
    description: 'Whether to create an invite link in the same call. Default: false.',
    defaultValue: false,
    example: true,
  })
  withInviteLink?: boolean;
}

@InputType()
export class CreateChatGroupInput extends NewChatGroupInput {
  @SpaceId()
  custSpaceId?: string;

  @BusinessNumber()
  businessNumber!: string;

  @IdempotencyKey()
  idempotencyKey?: string;
}

/** Fields of a group that can be changed; the body of the REST call. */
@InputType({ isAbstract: true })
export class ChatGroupChangesInput {
  @IsSubject()
  @IsOptionalButNotNull()
  @ApiInputField(() => String, {
    description: 'New subject, 1–128 characters.',
    nullable: true,
    example: 'Kyoto in June',
  })
  subject?: string;

  @IsDescription()
  @IsOptionalButNotNull()
  @ApiInputField(() => String, {
    description: 'New description, 1–2048 characters.',
    nullable: true,
    example: 'Meet at gate 5.',
  })
  description?: string;

  @IsPictureUrl()
  @IsOptionalButNotNull()
  @ApiInputField(() => String, {
    description: 'HTTPS URL of a square JPEG, at most 5 MB, at least 192×192 pixels. WhatsApp fetches it.',
    nullable: true,
    example: 'https://images.acme.travel/kyoto.jpg',
  })
  profilePictureUrl?: string;
}

@InputType()
export class UpdateChatGroupInput extends ChatGroupChangesInput {
  @GroupId()
  id!: string;

  @IfMatch()
  ifMatch?: string;

  @IdempotencyKey()
  idempotencyKey?: string;
}

@InputType({ isAbstract: true })
class GroupTargetInput {
  @GroupId()
  id!: string;

  @IfMatch()
  ifMatch?: string;

  @IdempotencyKey()
  idempotencyKey?: string;
}

@InputType()
export class DeleteChatGroupInput extends GroupTargetInput {}

@InputType()
export class CreateChatGroupInviteLinkInput extends GroupTargetInput {}

@InputType()
export class DeleteChatGroupInviteLinkInput extends GroupTargetInput {}

@InputType()
export class RemoveChatGroupParticipantsInput extends ParticipantRemovalInput {
  @GroupId()
  id!: string;

  @IfMatch()
  ifMatch?: string;

  @IdempotencyKey()
  idempotencyKey?: string;
}

/** Returns the changes of an update. Throws `VALIDATION_FAILED` if there are none. */
export function changesOf({ subject, description, profilePictureUrl }: ChatGroupChangesInput): GroupChanges {
  const changes = {
    ...(subject !== undefined && { subject }),
    ...(description !== undefined && { description }),
    ...(profilePictureUrl !== undefined && { profilePictureUrl }),
  };
  if (Object.keys(changes).length > 0) return changes;
  const fields = ['subject', 'description', 'profilePictureUrl'];
  throw validationFailed(
    fields.map((field) => ({ field, message: `is missing: set at least one of ${fields.join(', ')}` })),
  );
}
