import { Args, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { Cost } from '../../graphql/field-cost.js';
import { FastHandler } from '../../http/fast-handler.js';
import { Caller, CurrentCaller, RequireCredentials, RequirePermission } from '../../tenancy/caller.js';
import { phoneDigits } from '../../util/phone-number.js';
import { ChatGroupConnection, toConnection, toJoinedConnection } from './payloads.js';
import { locateChatGroup } from '../model/chat-group-id.js';
import { ChatGroup, ChatGroupParticipant } from '../model/chat-group.js';
import { Node } from '../model/node.js';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '../model/page-size.js';
import { ChatGroupsService } from '../reads/chat-groups.service.js';
import { ChatGroupArgs, ChatGroupsArgs, MAX_JOINED_NUMBERS, SpaceChatGroupsArgs } from '../model/inputs.js';
import { Viewer, toViewer } from '../model/viewer.js';

/** GraphQL queries. */
@Resolver(() => ChatGroup)
export class ChatGroupsResolver {
  constructor(private readonly groups: ChatGroupsService) {}

  @Query(() => Viewer, { description: 'The caller, and what its credentials can access.' })
  @RequireCredentials()
  @FastHandler()
  viewer(@CurrentCaller() caller: Caller): Viewer {
    return toViewer(caller.principal);
  }

  @Query(() => Node, { nullable: true, description: 'An object by its ID. Only groups are nodes.' })
  @RequirePermission('groups:read')
  @FastHandler()
  node(@CurrentCaller() caller: Caller, @Args() args: ChatGroupArgs): Promise<Node> {
    return this.chatGroup(caller, args);
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

  @Query(() => ChatGroupConnection, {
    description: 'Groups of several business numbers of a space as one list, number by number.',
  })
  @Cost({
    rows: { arguments: ['first', 'last'], byDefault: DEFAULT_PAGE_SIZE, atMost: MAX_PAGE_SIZE },
    callsPerElement: { argument: 'businessNumbers', atMost: MAX_JOINED_NUMBERS },
  })
  @RequirePermission('groups:read')
  async spaceChatGroups(
    @CurrentCaller() caller: Caller,
    @Args() args: SpaceChatGroupsArgs,
  ): Promise<ChatGroupConnection> {
    const { custSpaceId, businessNumbers } = args;
    const target = {
      ...(custSpaceId !== undefined && { custSpaceId }),
      ...(businessNumbers && {
        businessNumbers: businessNumbers.map((number) => phoneDigits(number) ?? number),
      }),
    };
    const scopes = caller.authorizeAll(target, MAX_JOINED_NUMBERS);
    return toJoinedConnection(await this.groups.listOfAll(scopes, args, args));
  }

  @Query(() => ChatGroup, { nullable: true, description: 'A group.' })
  @RequirePermission('groups:read')
  @FastHandler()
  async chatGroup(@CurrentCaller() caller: Caller, @Args() { id }: ChatGroupArgs): Promise<ChatGroup> {
    const location = locateChatGroup(id);
    const { group } = await this.groups.get(caller.authorize(location), location.groupId);
    return group;
  }

  @ResolveField(() => [ChatGroupParticipant], {
    nullable: true,
    description: 'Members. Requires `participants:read`, and one call to CAMS per group.',
  })
  @Cost({ upstreamCalls: 1, elements: 8 })
  @RequirePermission('participants:read')
  async participants(
    @CurrentCaller() caller: Caller,
    @Parent() group: ChatGroup,
  ): Promise<ChatGroupParticipant[]> {
    return this.groups.participants(caller.authorize(group), group.groupId);
  }
}
