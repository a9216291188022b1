import { Field, GraphQLISODateTime, ID, Int, ObjectType } from '@nestjs/graphql';
import { ChatGroupOperation } from '../model/chat-group-operation.js';
import { ChatGroup } from '../model/chat-group.js';
import { Coherence } from '../model/coherence.js';
import { withMemo } from '../../cache/listing-memo.js';
import type { ChatGroupSlice } from '../reads/chat-groups.service.js';
import type { WriteOutcome } from '../../idempotency/idempotency.js';
import type { Written } from '../writes/write.js';
import type { RequestContext } from '../../request/request-context.js';

@ObjectType({ description: 'Position of a page in its list.' })
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether more groups follow the page.' })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'Whether more groups precede the page.' })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first group on the page.' })
  startCursor!: string | null;

  @Field(() => String, { nullable: true, description: 'Cursor of the last group on the page.' })
  endCursor!: string | null;
}

@ObjectType({ description: 'A group in a list, with its cursor.' })
export class ChatGroupEdge {
  @Field(() => String, { description: 'Opaque cursor of this position in the list.' })
  cursor!: string;

  @Field(() => ChatGroup, { description: 'The group.' })
  node!: ChatGroup;
}

@ObjectType({ description: 'A page of groups.' })
export class ChatGroupConnection {
  @Field(() => [ChatGroupEdge], { description: 'Groups on the page, with their cursors.' })
  edges!: ChatGroupEdge[];

  @Field(() => [ChatGroup], { description: 'Groups on the page.' })
  nodes!: readonly ChatGroup[];

  @Field(() => PageInfo, { description: 'Position of the page in the list.' })
  pageInfo!: PageInfo;

  @Field(() => Int, { description: 'Number of groups in the entire list.' })
  totalCount!: number;

  @Field(() => GraphQLISODateTime, { description: 'Time at which CAMS listed the page.' })
  asOf!: Date;

  @Field(() => Boolean, {
    description: 'Whether the page is older than its freshness lifetime.',
  })
  stale!: boolean;
}

/** A slice as a connection. Encodes cursors only when they are read. */
class SliceConnection implements ChatGroupConnection {
  constructor(
    private readonly page: Omit<ChatGroupSlice, 'groups'>,
    readonly nodes: readonly ChatGroup[],
  ) {}

  get edges(): ChatGroupEdge[] {
    return this.nodes.map((node, index) => ({ node, cursor: this.#cursor(index) }));
  }

  get pageInfo(): PageInfo {
    const { slice, total } = this.page;
    const count = this.nodes.length;
    const isEmpty = count === 0;
    return {
      hasNextPage: slice.offset + count < total,
      hasPreviousPage: slice.offset > 0 && total > 0,
      startCursor: isEmpty ? null : this.#cursor(0),
      endCursor: isEmpty ? null : this.#cursor(count - 1),
    };
  }

  get totalCount(): number {
    return this.page.total;
  }

  get asOf(): Date {
    return new Date(this.page.asOfMs);
  }

  get stale(): boolean {
    return this.page.stale;
  }

  #cursor(index: number): string {
    return this.page.cursors.encode(this.page.slice.offset + index);
  }
}

export function toConnection(page: ChatGroupSlice): ChatGroupConnection {
  return page.memo.of('connection', () => connectionOf(page));
}

/** The connection outlives the request, so it must not retain `groups`, which holds the scope. */
function connectionOf({ groups, ...page }: ChatGroupSlice): ChatGroupConnection {
  return withMemo(new SliceConnection(page, groups()), page.memo);
}

@ObjectType({ isAbstract: true })
abstract class WritePayload {
  @Field(() => Coherence, {
    description: 'Consistency guarantee for reads that start after the response.',
  })
  coherence!: Written['coherence'];

  @Field(() => String, { description: 'Request ID.' })
  requestId!: string;

  @Field(() => String, { nullable: true, description: 'Request ID assigned by CAMS to the write.' })
  upstreamRequestId!: string | null;
}

@ObjectType({ isAbstract: true })
abstract class GroupPayload extends WritePayload {
  @Field(() => ChatGroup, { nullable: true, description: 'The group after the write.' })
  chatGroup!: ChatGroup | null;
}

@ObjectType({ description: 'Result of creating a group.' })
export class CreateChatGroupPayload extends GroupPayload {
  @Field(() => ChatGroupOperation, {
    description: 'The create operation. While it is pending, poll `operation(id)`.',
  })
  operation!: ChatGroupOperation;
}

@ObjectType({ description: 'Result of updating a group.' })
export class UpdateChatGroupPayload extends GroupPayload {}

@ObjectType({ description: 'Result of deleting a group.' })
export class DeleteChatGroupPayload extends WritePayload {
  @Field(() => ID, { description: 'Opaque ID of the deleted group.' })
  deletedId!: string;
}

@ObjectType({ description: 'Result of creating an invite link.' })
export class CreateChatGroupInviteLinkPayload extends GroupPayload {}

@ObjectType({ description: 'Result of deleting an invite link.' })
export class DeleteChatGroupInviteLinkPayload extends GroupPayload {}

@ObjectType({ description: 'Result of removing members.' })
export class RemoveChatGroupParticipantsPayload extends GroupPayload {
  @Field(() => Int, { description: 'Number of members removed.' })
  removedCount!: number;

  @Field(() => [String], {
    description: 'Phone numbers that did not belong to members, or that CAMS did not remove.',
  })
  notRemoved!: readonly string[];
}

/** Returns the fields that all payloads share, and stores in the request context what headers and extensions report. */
export function writeFields(
  { value, replayed }: WriteOutcome<Written>,
  request: RequestContext,
): Pick<WritePayload, 'coherence' | 'requestId' | 'upstreamRequestId'> {
  const { coherence, upstreamRequestId } = value;
  request.noteWrite({ replayed, upstreamRequestId });
  return { coherence, requestId: request.requestId, upstreamRequestId: upstreamRequestId ?? null };
}
