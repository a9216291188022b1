import { Field, ObjectType } from '@nestjs/graphql';
import { Cost } from '../../graphql/field-cost.js';
import { ChatGroupOperation, toOperation } from '../model/chat-group-operation.js';
import type { OperationPage } from '../creates/operation-lists.js';
import { GroupPayload, PageInfo } from './payloads.js';

@ObjectType({ description: 'A create operation in a list, with its cursor.' })
export class ChatGroupOperationEdge {
  @Field(() => String, { description: 'Opaque cursor of this position in the list.' })
  @Cost({ bytes: 80 })
  cursor!: string;

  @Field(() => ChatGroupOperation, { description: 'The create operation.' })
  node!: ChatGroupOperation;
}

@ObjectType({ description: 'A page of create operations.' })
export class ChatGroupOperationConnection {
  @Field(() => [ChatGroupOperationEdge], { description: 'Operations on the page, with their cursors.' })
  edges!: ChatGroupOperationEdge[];

  @Field(() => [ChatGroupOperation], { description: 'Operations on the page.' })
  nodes!: ChatGroupOperation[];

  @Field(() => PageInfo, { description: 'Position of the page in the list.' })
  pageInfo!: PageInfo;
}

@ObjectType({ description: 'Result of closing a create operation.' })
export class CloseChatGroupOperationPayload extends GroupPayload {
  @Field(() => ChatGroupOperation, { description: 'The create operation.' })
  operation!: ChatGroupOperation;
}

export function toOperationConnection({
  operations,
  hasNextPage,
  hasPreviousPage,
}: OperationPage): ChatGroupOperationConnection {
  const edges = operations.map(({ operation, chatGroup, cursor }) => ({
    cursor,
    node: toOperation(operation, chatGroup),
  }));
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: {
      hasNextPage,
      hasPreviousPage,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
