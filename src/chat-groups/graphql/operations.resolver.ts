import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import { Cost } from '../../graphql/field-cost.js';
import { FastHandler } from '../../http/fast-handler.js';
import { Caller, CurrentCaller, RequirePermission } from '../../tenancy/caller.js';
import { CreateOperationsService } from '../creates/create-operations.service.js';
import { OperationClosing } from '../creates/operation-closing.js';
import { OperationLists } from '../creates/operation-lists.js';
import { ChatGroupOperation, toOperation } from '../model/chat-group-operation.js';
import { CloseChatGroupOperationInput, OperationArgs, OperationsArgs } from '../model/operation-inputs.js';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '../model/page-size.js';
import {
  ChatGroupOperationConnection,
  CloseChatGroupOperationPayload,
  toOperationConnection,
} from './operation-payloads.js';
import { writeFields } from './payloads.js';

/** GraphQL queries and mutations of create operations. */
@Resolver()
export class OperationsResolver {
  constructor(
    private readonly reads: CreateOperationsService,
    private readonly lists: OperationLists,
    private readonly closing: OperationClosing,
  ) {}

  @Query(() => ChatGroupOperation, { nullable: true, description: 'Gets a create operation.' })
  @RequirePermission('groups:read')
  @FastHandler()
  async operation(
    @CurrentCaller() caller: Caller,
    @Args() { id }: OperationArgs,
  ): Promise<ChatGroupOperation> {
    const { operation, chatGroup } = await this.reads.get(caller, id);
    return toOperation(operation, chatGroup);
  }

  @Query(() => ChatGroupOperationConnection, {
    description: 'Create operations of the last 24 hours in your spaces, newest first; at most 1,000.',
  })
  @Cost({ rows: { arguments: ['first'], byDefault: DEFAULT_PAGE_SIZE, atMost: MAX_PAGE_SIZE } })
  @RequirePermission('groups:read')
  @FastHandler()
  async operations(
    @CurrentCaller() caller: Caller,
    @Args() { first, after, ...filter }: OperationsArgs,
  ): Promise<ChatGroupOperationConnection> {
    return toOperationConnection(await this.lists.list(caller, filter, { first, after }));
  }

  @Mutation(() => CloseChatGroupOperationPayload, {
    description:
      'Ends a pending create operation as `UNRESOLVED`, so that its subject can be used again. Its group may still appear later. Returns an operation that has ended unchanged.',
  })
  @RequirePermission('groups:write')
  async closeChatGroupOperation(
    @CurrentCaller() caller: Caller,
    @Args('input') { id, idempotencyKey }: CloseChatGroupOperationInput,
  ): Promise<CloseChatGroupOperationPayload> {
    caller.context.idempotencyKey = idempotencyKey ?? undefined;
    const closed = await this.closing.close(caller, id);
    const { operation, chatGroup } = closed.value;
    return {
      ...writeFields(closed, caller.context),
      operation: toOperation(operation, chatGroup),
      chatGroup,
    };
  }
}
