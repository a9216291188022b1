import { ApiExtraModels, ApiProperty, getSchemaPath } from '@nestjs/swagger';
import { ProblemAnswer } from '../../openapi/problem-details.js';
import { ChatGroup, ChatGroupParticipant } from '../model/chat-group.js';

export class PageNumbers {
  @ApiProperty({ type: 'integer', description: 'Page number, starting at 1.' })
  index!: number;

  @ApiProperty({ type: 'integer', description: 'Groups per page.' })
  size!: number;

  @ApiProperty({ type: 'integer', description: 'Number of groups in the entire list.' })
  total!: number;

  @ApiProperty({ type: 'integer', description: 'Number of pages in the entire list.' })
  pageCount!: number;
}

export class ChatGroupPage {
  @ApiProperty({ type: [ChatGroup], description: 'Groups on the page.' })
  data!: readonly ChatGroup[];

  @ApiProperty({ type: PageNumbers, description: 'Position of the page in the list.' })
  page!: PageNumbers;

  @ApiProperty({ type: String, format: 'date-time', description: 'Time at which CAMS listed the page.' })
  asOf!: string;

  @ApiProperty({ type: Boolean, description: 'Whether the page is older than its freshness lifetime.' })
  stale!: boolean;
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
  @ApiProperty({ type: 'integer', description: 'Number of members removed.' })
  removedCount!: number;

  @ApiProperty({
    type: [String],
    description: 'Phone numbers that did not belong to members, or that CAMS did not remove.',
  })
  notRemoved!: readonly string[];
}
