import { ApiExtraModels, ApiProperty, getSchemaPath } from '@nestjs/swagger';
import { ProblemAnswer } from '../../openapi/problem-details.js';
import { ChatGroupOperation } from '../model/chat-group-operation.js';
import { ChatGroup, ChatGroupParticipant } from '../model/chat-group.js';

export class PageNumbers {
  @ApiProperty({
    type: 'integer',
    required: false,
    description: 'Page number, starting at 1. Missing if the page was requested by cursor.',
    example: 1,
    minimum: 1,
  })
  index?: number;

  @ApiProperty({ type: 'integer', description: 'Groups per page.', example: 20 })
  size!: number;

  @ApiProperty({ type: 'integer', description: 'Number of groups in the entire list.', example: 51 })
  total!: number;

  @ApiProperty({ type: 'integer', description: 'Number of pages in the entire list.', example: 3 })
  pageCount!: number;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Cursor of the first row of the page, for `before`; null if the page is empty.',
    example: 'MDo3ZjNrOXEybTR4MWM',
  })
  startCursor!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Cursor of the last row of the page, for `after`; null if the page is empty.',
    example: 'MTk6N2YzazlxMm00eDFj',
  })
  endCursor!: string | null;
}

export class ChatGroupPage {
  @ApiProperty({ type: [ChatGroup], description: 'Groups on the page.' })
  data!: readonly ChatGroup[];

  @ApiProperty({ type: PageNumbers, description: 'Position of the page in the list.' })
  page!: PageNumbers;

  @ApiProperty({
    type: String,
    format: 'date-time',
    description: 'Time at which CAMS listed the page.',
    example: '2026-05-01T08:00:00.000Z',
  })
  asOf!: string;

  @ApiProperty({
    type: Boolean,
    description:
      'Whether the page is older than its freshness lifetime (15 seconds by default). Usually, it is already being refreshed: read it again in a second.',
    example: false,
  })
  stale!: boolean;
}

export class CursorPage {
  @ApiProperty({ type: 'integer', description: 'Operations per page.', example: 20 })
  size!: number;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Cursor of the first operation on the page.',
    example: 'MTc1MDAwMDAwMDAwMC5vcF8xYjlkNmJjZA',
  })
  startCursor!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Cursor of the last operation on the page.',
    example: 'MTc1MDAwMDAwMDAwMC5vcF8xYjlkNmJjZA',
  })
  endCursor!: string | null;
}

export class ChatGroupOperationPage {
  @ApiProperty({ type: [ChatGroupOperation], description: 'Create operations, newest first.' })
  data!: readonly ChatGroupOperation[];

  @ApiProperty({ type: CursorPage, description: 'Position of the page in the list.' })
  page!: CursorPage;
}

@ApiExtraModels(ProblemAnswer)
export class CreatedChatGroup extends ChatGroup {
  @ApiProperty({
    required: false,
    description: 'Why the requested invite link could not be created even though the group was.',
    allOf: [{ $ref: getSchemaPath(ProblemAnswer) }],
  })
  inviteLinkError?: ProblemAnswer;
}

export class InviteLink {
  @ApiProperty({ type: String, description: 'Invite link.', example: 'https://chat.whatsapp.com/AbCdEf' })
  inviteLink!: string;
}

export class Participants {
  @ApiProperty({ type: [ChatGroupParticipant], description: 'Members of the group.' })
  data!: ChatGroupParticipant[];
}

export class RemovedParticipants {
  @ApiProperty({ type: 'integer', description: 'Number of members removed.', example: 1 })
  removedCount!: number;

  @ApiProperty({
    type: [String],
    description:
      'Phone numbers and IDs, as you wrote them, of people who are not members or whom CAMS did not remove.',
    example: ['US.13491208655302741918'],
  })
  notRemoved!: readonly string[];
}
