import { IsBoolean, IsOptional } from 'class-validator';
import { applyDecorators } from '@nestjs/common';
import { ArgsType, ID, InputType, Int } from '@nestjs/graphql';
import { ApiInputField } from '../../openapi/api-field.js';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from './page-size.js';
import { validationFailed } from '../../errors/gateway-error.js';
import { Remembered } from '../../http/input.pipe.js';
import { ChatGroupStatus } from './chat-group.js';
import type { GroupChanges } from './group-changes.js';
import {
  ArePhoneNumbers,
  IsChatGroupId,
  IsDescription,
  IsIdempotencyKey,
  IsOneOf,
  IsPhoneNumber,
  IsPublicHttpsUrl,
  IsShortText,
  IsSpaceId,
  IsSubject,
  IsWholeNumber,
  MAX_MEMBERS,
  IsOptionalButNotNull,
} from './validators.js';

/** Far more than the 10,000 groups that a business number can have. */
const MAX_OFFSET = 1_000_000;
const MAX_CURSOR = 200;
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
  })
  status?: Exclude<ChatGroupStatus, ChatGroupStatus.UNKNOWN>;

  @IsOptional()
  @IsShortText(MAX_FILTER)
  @ApiInputField(() => String, {
    description: 'Only groups whose subject matches; CAMS does the matching.',
    nullable: true,
  })
  subject?: string;
}

@Remembered()
@ArgsType()
export class ChatGroupsArgs extends GroupFilterArgs {
  @SpaceId()
  custSpaceId?: string;

  @BusinessNumber()
  businessNumber!: string;

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
    description: `Number of groups from the end, 1–${MAX_PAGE_SIZE}.`,
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
    description: 'Number of groups to skip. An alternative to cursors.',
    nullable: true,
  })
  offset?: number;
}

function GroupId(): PropertyDecorator {
  return applyDecorators(
    IsChatGroupId(),
    ApiInputField(() => ID, { description: 'Opaque ID of the group.' }),
  );
}

function SpaceId(): PropertyDecorator {
  const description = 'Space ID. Optional if you have exactly one space.';
  return applyDecorators(
    IsOptional(),
    IsSpaceId(),
    ApiInputField(() => ID, { description, nullable: true }),
  );
}

function BusinessNumber(): PropertyDecorator {
  const description = 'Business number.';
  return applyDecorators(
    IsPhoneNumber(),
    ApiInputField(() => String, { description, example: '8613800000001' }),
  );
}

function IdempotencyKey(): PropertyDecorator {
  const description =
    'Makes retries safe: the same request with the same key within 24 hours returns the outcome of the first request.';
  return applyDecorators(
    IsOptional(),
    IsIdempotencyKey(),
    ApiInputField(() => String, { description, nullable: true }),
  );
}

@Remembered()
@ArgsType()
export class ChatGroupArgs {
  @GroupId()
  id!: string;
}

@ArgsType()
export class OperationArgs {
  @IsShortText(MAX_FILTER)
  @ApiInputField(() => ID, { description: 'Operation ID.' })
  id!: string;
}

/** Fields of a new group; the body of the REST call. */
@InputType({ isAbstract: true })
export class NewChatGroupInput {
  @IsSubject()
  @ApiInputField(() => String, { description: 'Subject, 1–128 characters.', example: 'Kyoto in May' })
  subject!: string;

  @IsOptionalButNotNull()
  @IsDescription()
  @ApiInputField(() => String, { description: 'Description, 1–2048 characters.', nullable: true })
  description?: string;

  @IsOptional()
  @IsBoolean({ message: 'must be true or false' })
  @ApiInputField(() => Boolean, {
    description: 'Whether to create an invite link in the same call.',
    defaultValue: false,
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
  @IsOptionalButNotNull()
  @IsSubject()
  @ApiInputField(() => String, { description: 'New subject, 1–128 characters.', nullable: true })
  subject?: string;

  @IsOptionalButNotNull()
  @IsDescription()
  @ApiInputField(() => String, { description: 'New description, 1–2048 characters.', nullable: true })
  description?: string;

  @IsOptionalButNotNull()
  @IsPublicHttpsUrl()
  @ApiInputField(() => String, {
    description: 'HTTPS URL of a square JPEG, at most 5 MB, at least 192×192 pixels. WhatsApp fetches it.',
    nullable: true,
  })
  profilePictureUrl?: string;
}

@InputType()
export class UpdateChatGroupInput extends ChatGroupChangesInput {
  @GroupId()
  id!: string;

  @IdempotencyKey()
  idempotencyKey?: string;
}

@InputType({ isAbstract: true })
class GroupTargetInput {
  @GroupId()
  id!: string;

  @IdempotencyKey()
  idempotencyKey?: string;
}

@InputType()
export class DeleteChatGroupInput extends GroupTargetInput {}

@InputType()
export class CreateChatGroupInviteLinkInput extends GroupTargetInput {}

@InputType()
export class DeleteChatGroupInviteLinkInput extends GroupTargetInput {}

/** Members to remove; the body of the REST call. */
@InputType({ isAbstract: true })
export class ParticipantNumbersInput {
  @ArePhoneNumbers(MAX_MEMBERS)
  @ApiInputField(() => [String], {
    description: 'Phone numbers of 1–8 members.',
    example: ['8613700000001'],
    schema: { minItems: 1, maxItems: MAX_MEMBERS },
  })
  phoneNumbers!: string[];
}

@InputType()
export class RemoveChatGroupParticipantsInput extends ParticipantNumbersInput {
  @GroupId()
  id!: string;

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
