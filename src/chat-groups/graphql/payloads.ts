import { Field, GraphQLISODateTime, ID, Int, ObjectType } from '@nestjs/graphql';
import { ChatGroupOperation } from '../model/chat-group-operation.js';
import { ChatGroup } from '../model/chat-group.js';
import { Coherence } from '../model/coherence.js';
import { withMemo } from '../../cache/listing-memo.js';
import type { ChatGroupSlice } from '../reads/chat-groups.service.js';
import type { WriteOutcome } from '../../idempotency/idempotency.js';
import type { Written } from '../writes/write.js';
import type { RequestContext } from '../../request/request-context.js';

@ObjectType({ description: 'Where a page stands in its list.' })
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether groups follow.' })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'Whether groups precede.' })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first group of the page.' })
  startCursor!: string | null;

  @Field(() => String, { nullable: true, description: 'Cursor of the last group of the page.' })
  endCursor!: string | null;
}

@ObjectType({ description: 'A group in a list, with its cursor.' })
export class ChatGroupEdge {
  @Field(() => String, { description: 'Opaque cursor of this place in the list.' })
  cursor!: string;

  @Field(() => ChatGroup, { description: 'The group.' })
  node!: ChatGroup;
}

@ObjectType({ description: 'A page of a list of groups.' })
export class ChatGroupConnection {
  @Field(() => [ChatGroupEdge], { description: 'The groups with their cursors.' })
  edges!: ChatGroupEdge[];

  @Field(() => [ChatGroup], { description: 'The groups alone.' })
  nodes!: readonly ChatGroup[];

  @Field(() => PageInfo, { description: 'Where the page stands in its list.' })
  pageInfo!: PageInfo;

  @Field(() => Int, { description: 'Groups in the whole list.' })
  totalCount!: number;

  @Field(() => GraphQLISODateTime, { description: 'When CAMS listed this page.' })
  asOf!: Date;

  @Field(() => Boolean, {
    description: 'Whether the page is older than it should be, because CAMS did not answer.',
  })
  stale!: boolean;
}

/** A slice as a connection. Cursors are made only for who asks for them. */
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

/** The connection outlives the request, so it does not keep `groups`, which knows the scope. */
function connectionOf({ groups, ...page }: ChatGroupSlice): ChatGroupConnection {
  return withMemo(new SliceConnection(page, groups()), page.memo);
}

@ObjectType({ isAbstract: true })
abstract class WritePayload {
  @Field(() => Coherence, { description: 'What the write promises to later reads.' })
  coherence!: Written['coherence'];

  @Field(() => String, { description: 'Id of this request.' })
  requestId!: string;

  @Field(() => String, { nullable: true, description: 'Id of the write at CAMS.' })
  upstreamRequestId!: string | null;
}

@ObjectType({ isAbstract: true })
abstract class GroupPayload extends WritePayload {
  @Field(() => ChatGroup, { nullable: true, description: 'The group after the write.' })
  chatGroup!: ChatGroup | null;
}

@ObjectType({ description: 'Answer to a create.' })
export class CreateChatGroupPayload extends GroupPayload {
  @Field(() => ChatGroupOperation, {
    description: 'The create; while it is pending, ask `operation(id)` later.',
  })
  operation!: ChatGroupOperation;
}

@ObjectType({ description: 'Answer to an update.' })
export class UpdateChatGroupPayload extends GroupPayload {}

@ObjectType({ description: 'Answer to a delete.' })
export class DeleteChatGroupPayload extends WritePayload {
  @Field(() => ID, { description: 'Opaque id of the group that is gone.' })
  deletedId!: string;
}

@ObjectType({ description: 'Answer to the creation of an invite link.' })
export class CreateChatGroupInviteLinkPayload extends GroupPayload {}

@ObjectType({ description: 'Answer to the deletion of an invite link.' })
export class DeleteChatGroupInviteLinkPayload extends GroupPayload {}

@ObjectType({ description: 'Answer to the removal of members.' })
export class RemoveChatGroupParticipantsPayload extends GroupPayload {
  @Field(() => Int, { description: 'Members removed.' })
  removedCount!: number;

  @Field(() => [String], { description: 'Numbers that were no members, or that CAMS did not remove.' })
  notRemoved!: readonly string[];
}

/** The fields that every payload has; the request notes what the headers and the extensions say of the write. */
export function writeFields(
  { value, replayed }: WriteOutcome<Written>,
  request: RequestContext,
): Pick<WritePayload, 'coherence' | 'requestId' | 'upstreamRequestId'> {
  const { coherence, upstreamRequestId } = value;
  request.noteWrite({ replayed, upstreamRequestId });
  return { coherence, requestId: request.requestId, upstreamRequestId: upstreamRequestId ?? null };
}
