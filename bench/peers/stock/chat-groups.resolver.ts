import { UseGuards } from '@nestjs/common';
import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import { AuthGuard, CurrentUser, User } from './auth.guard.js';
import { ChatGroup, ChatGroupConnection, UpdateChatGroupPayload } from './chat-group.js';
import { ChatGroupsService, locate } from './chat-groups.service.js';
import { ChatGroupArgs, ChatGroupsArgs, UpdateChatGroupInput } from './inputs.js';

@Resolver(() => ChatGroup)
@UseGuards(AuthGuard)
export class ChatGroupsResolver {
  constructor(private readonly groups: ChatGroupsService) {}

  @Query(() => ChatGroupConnection)
  async chatGroups(@CurrentUser() user: User, @Args() args: ChatGroupsArgs): Promise<ChatGroupConnection> {
    user.require(args.custSpaceId);
    const { offset, first } = args;
    const { groups, total, asOf } = await this.groups.page(args, offset, first);
    return {
      nodes: groups,
      pageInfo: { hasNextPage: offset + groups.length < total, hasPreviousPage: offset > 0 },
      totalCount: total,
      asOf: new Date(asOf),
      stale: false,
    };
  }

  @Query(() => ChatGroup, { nullable: true })
  async chatGroup(@CurrentUser() user: User, @Args() { id }: ChatGroupArgs): Promise<ChatGroup> {
    user.require(locate(id).custSpaceId);
    return this.groups.group(id);
  }

  @Mutation(() => UpdateChatGroupPayload)
  async updateChatGroup(
    @CurrentUser() user: User,
    @Args('input') { id, description }: UpdateChatGroupInput,
  ): Promise<UpdateChatGroupPayload> {
    user.require(locate(id).custSpaceId);
    return { chatGroup: await this.groups.update(id, description) };
  }
}
