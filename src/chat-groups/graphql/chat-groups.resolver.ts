import { Args, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { Cost } from '../../graphql/field-cost.js';
import { FastHandler } from '../../http/fast-handler.js';
import { Caller, CurrentCaller, RequirePermission } from '../../tenancy/caller.js';
import { CreateOperationsService } from '../creates/create-operations.service.js';
import { ChatGroupOperation, toOperation } from '../model/chat-group-operation.js';
import { ChatGroupConnection, toConnection } from './payloads.js';
import { locateChatGroup } from '../model/chat-group-id.js';
import { ChatGroup, ChatGroupParticipant } from '../model/chat-group.js';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '../model/page-size.js';
import { ChatGroupsService } from '../reads/chat-groups.service.js';
import { ChatGroupArgs, ChatGroupsArgs, OperationArgs } from '../model/inputs.js';
import { Viewer, toViewer } from '../model/viewer.js';

/** GraphQL queries. */
@Resolver(() => ChatGroup)
export class ChatGroupsResolver {
  constructor(
    private readonly groups: ChatGroupsService,
    private readonly operations: CreateOperationsService,
  ) {}

  @Query(() => Viewer, { description: 'The caller, and what its credentials can access.' })
  @RequirePermission('groups:read')
  @FastHandler()
  viewer(@CurrentCaller() caller: Caller): Viewer {
    caller.require();
    return toViewer(caller.principal);
  }

  @Query(() => ChatGroupConnection, { description: 'Groups of a business number.' })
  @Cost({ rows: { arguments: ['first', 'last'], byDefault: DEFAULT_PAGE_SIZE, atMost: MAX_PAGE_SIZE } })
  @RequirePermission('groups:read')
  @FastHandler()
  async chatGroups(
    @CurrentCaller() caller: Caller,
    @Args() args: ChatGroupsArgs,
  ): Promise<ChatGroupConnection> {
    const scope = caller.authorize(args);
    return toConnection(await this.groups.list(scope, args, args));
  }

  @Query(() => ChatGroup, { nullable: true, description: 'A group.' })
  @RequirePermission('groups:read')
  @FastHandler()
  async chatGroup(@CurrentCaller() caller: Caller, @Args() { id }: ChatGroupArgs): Promise<ChatGroup> {
    const location = locateChatGroup(id);
    const { group } = await this.groups.get(caller.authorize(location), location.groupId);
    return group;
  }

  @Query(() => ChatGroupOperation, { nullable: true, description: 'A create operation and its status.' })
  @RequirePermission('groups:read')
  @FastHandler()
  async operation(
    @CurrentCaller() caller: Caller,
    @Args() { id }: OperationArgs,
  ): Promise<ChatGroupOperation> {
    const { operation, chatGroup } = await this.operations.get(caller, id);
    return toOperation(operation, chatGroup);
  }

  @ResolveField(() => [ChatGroupParticipant], {
    nullable: true,
    description: 'Members. Requires `participants:read`, and one call to CAMS per group.',
  })
  @Cost({ upstreamCalls: 1 })
  @RequirePermission('participants:read')
  async participants(
    @CurrentCaller() caller: Caller,
    @Parent() group: ChatGroup,
  ): Promise<ChatGroupParticipant[]> {
    return this.groups.participants(caller.authorize(group), group.groupId);
  }
}
