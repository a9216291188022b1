import { ApiExtraModels, ApiProperty, getSchemaPath } from '@nestjs/swagger';
import { ProblemAnswer } from '../../openapi/problem-details.js';
import { ChatGroup, ChatGroupParticipant } from '../model/chat-group.js';

export class PageNumbers {
  @ApiProperty({ type: 'integer', description: 'This page, from 1.' })
  index!: number;

  @ApiProperty({ type: 'integer', description: 'Groups a page.' })
  size!: number;

  @ApiProperty({ type: 'integer', description: 'Groups in the whole list.' })
  total!: number;

  @ApiProperty({ type: 'integer', description: 'Pages in the whole list.' })
  pageCount!: number;
}

export class ChatGroupPage {
  @ApiProperty({ type: [ChatGroup], description: 'The groups of the page.' })
  data!: readonly ChatGroup[];

  @ApiProperty({ type: PageNumbers, description: 'Where the page stands.' })
  page!: PageNumbers;

  @ApiProperty({ type: String, format: 'date-time', description: 'When CAMS listed this page.' })
  asOf!: string;

  @ApiProperty({ type: Boolean, description: 'Whether the page is older than it should be.' })
  stale!: boolean;
}

@ApiExtraModels(ProblemAnswer)
export class CreatedChatGroup extends ChatGroup {
  @ApiProperty({
    required: false,
    description: 'Why the invite link that was asked for could not be made, though the group was.',
    allOf: [{ $ref: getSchemaPath(ProblemAnswer) }],
  })
  inviteLinkError?: ProblemAnswer;
}

export class InviteLink {
  @ApiProperty({ type: String, description: 'The link.', example: 'https://chat.whatsapp.com/AbCdEf' })
  inviteLink!: string;
}

export class Participants {
  @ApiProperty({ type: [ChatGroupParticipant], description: 'The members.' })
  data!: ChatGroupParticipant[];
}

export class RemovedParticipants {
  @ApiProperty({ type: 'integer', description: 'Members removed.' })
  removedCount!: number;

  @ApiProperty({ type: [String], description: 'Numbers that were no members, or that CAMS did not remove.' })
  notRemoved!: readonly string[];
}
