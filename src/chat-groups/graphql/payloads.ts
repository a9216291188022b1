import { Field, GraphQLISODateTime, ID, Int, ObjectType } from '@nestjs/graphql';
import { Cost } from '../../graphql/field-cost.js';
import { ChatGroupOperation } from '../model/chat-group-operation.js';
import { ChatGroup, toChatGroup } from '../model/chat-group.js';
import { Coherence } from '../model/coherence.js';
import { withMemo } from '../../cache/listing-memo.js';
import type { JoinedSlice } from '../reads/joined-lists.js';
import type { ChatGroupSlice } from '../reads/chat-groups.service.js';
import type { WriteOutcome } from '../../idempotency/idempotency.js';
import type { Written } from '../writes/write.js';
import type { RequestContext } from '../../request/request-context.js';

@ObjectType({ description: 'Position of a page in its list.' })
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether more follows the page.' })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'Whether more precedes the page.' })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first item on the page.' })
  @Cost({ bytes: 80 })
  startCursor!: string | null;

  @Field(() => String, { nullable: true, description: 'Cursor of the last item on the page.' })
  @Cost({ bytes: 80 })
  endCursor!: string | null;
}

@ObjectType({ description: 'A group in a list, with its cursor.' })
export class ChatGroupEdge {
  @Field(() => String, { description: 'Opaque cursor of this position in the list.' })
  @Cost({ bytes: 80 })
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
    description:
      'Whether the page is older than its freshness lifetime (15 seconds by default). Usually, it is already being refreshed: read it again in a second.',
  })
  stale!: boolean;
}

const EDGE_BYTES = 200;

/** A slice as a connection. Encodes cursors only when they are read. */
class SliceConnection implements ChatGroupConnection {
  #edges: ChatGroupEdge[] | undefined;

  constructor(
    private readonly page: Omit<ChatGroupSlice, 'groups'>,
    readonly nodes: readonly ChatGroup[],
  ) {}

  get edges(): ChatGroupEdge[] {
    if (this.#edges) return this.#edges;
    const rows = this.page.listed.rows();
    // A compiled query reads the property several times, and each cursor takes several digests.
    this.#edges = this.nodes.map((node, index) => ({
      node,
      cursor: this.#cursor(rows[index]?.position ?? 0),
    }));
    this.page.memo.reserves(this.nodes.length * EDGE_BYTES);
    return this.#edges;
  }

  get pageInfo(): PageInfo {
    const { listed, cursors } = this.page;
    const { slice, total, rowCount } = listed;
    // If CAMS lists a group twice, the page has fewer groups than rows.
    return {
      hasNextPage: slice.offset + rowCount < total,
      hasPreviousPage: slice.offset > 0 && total > 0,
      ...listed.ends(cursors),
    };
  }

  get totalCount(): number {
    return this.page.listed.total;
  }

  get asOf(): Date {
    return new Date(this.page.listed.asOfMs);
  }

  get stale(): boolean {
    return this.page.listed.stale;
  }

  #cursor(position: number): string {
    const { cursors, listed } = this.page;
    return cursors.encode(position, listed.placeOf(position));
  }
}

export function toConnection(page: ChatGroupSlice): ChatGroupConnection {
  return page.memo.of('connection', () => connectionOf(page));
}

/** The connection outlives the request, so it must not retain `groups`, which holds the scope. */
function connectionOf({ groups, ...page }: ChatGroupSlice): ChatGroupConnection {
  return withMemo(new SliceConnection(page, groups()), page.memo);
}

export function toJoinedConnection({
  rows,
  total,
  asOfMs,
  stale,
  ...ends
}: JoinedSlice): ChatGroupConnection {
  const edges = rows.map(({ scope, row, cursor }) => ({ cursor, node: toChatGroup(scope, row) }));
  const { hasNextPage, hasPreviousPage, startCursor, endCursor } = ends;
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: { hasNextPage, hasPreviousPage, startCursor, endCursor },
    totalCount: total,
    asOf: new Date(asOfMs),
    stale,
  };
}

@ObjectType({ isAbstract: true })
abstract class WritePayload {
  @Field(() => Coherence, {
    description:
      'How current reads are that start after the response. Not a promise that CAMS already lists the write.',
  })
  coherence!: Written['coherence'];

  @Field(() => String, { description: 'Request ID.' })
  requestId!: string;

  @Field(() => String, { nullable: true, description: 'Request ID assigned by CAMS to the write.' })
  upstreamRequestId!: string | null;
}

@ObjectType({ isAbstract: true })
export abstract class GroupPayload extends WritePayload {
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

@ObjectType({
  description:
    'Result of updating a group. If CAMS does not show the change yet, the group has the values that you sent and the status `UPDATING`.',
})
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
    description:
      'Phone numbers and IDs, as you wrote them, of people who are not members or whom CAMS did not remove.',
  })
  @Cost({ elements: 8 })
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
