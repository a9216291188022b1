import { Args, Mutation, Resolver } from '@nestjs/graphql';
import { RequirePermission } from '../tenancy/access.js';
import { Caller, CurrentCaller } from '../tenancy/caller.js';
import {
  CreateChatGroupInviteLinkPayload,
  CreateChatGroupPayload,
  DeleteChatGroupInviteLinkPayload,
  DeleteChatGroupPayload,
  RemoveChatGroupParticipantsPayload,
  UpdateChatGroupPayload,
  toOperation,
  writeFields,
} from './answers.js';
import { locateChatGroup } from './chat-group-id.js';
import { type ChatGroup, toChatGroup } from './chat-group.js';
import { GroupCreation } from './group-creation.js';
import { GroupWrites } from './group-writes.js';
import {
  CreateChatGroupInput,
  CreateChatGroupInviteLinkInput,
  DeleteChatGroupInput,
  DeleteChatGroupInviteLinkInput,
  RemoveChatGroupParticipantsInput,
  UpdateChatGroupInput,
  changesOf,
} from './inputs.js';

/** The mutations of the GraphQL surface. */
@Resolver()
export class ChatGroupMutationsResolver {
  constructor(
    private readonly creation: GroupCreation,
    private readonly writes: GroupWrites,
  ) {}

  @Mutation(() => CreateChatGroupPayload, { description: 'Creates a group, and finds out which one it is.' })
  @RequirePermission('groups:write')
  async createChatGroup(
    @CurrentCaller() caller: Caller,
    @Args('input') input: CreateChatGroupInput,
  ): Promise<CreateChatGroupPayload> {
    const scope = caller.open(input);
    const created = await this.creation.create(scope, input, caller.context);
    const group = created.row ? toChatGroup(scope, created.row) : null;
    const { inviteLinkError } = created.operation;
    return {
      ...writeFields(created, caller.context),
      operation: toOperation(created.operation, group),
      chatGroup: group && inviteLinkError ? withFailedLink(group, inviteLinkError) : group,
    };
  }

  @Mutation(() => UpdateChatGroupPayload, { description: 'Changes subject, description or picture.' })
  @RequirePermission('groups:write')
  async updateChatGroup(
    @CurrentCaller() caller: Caller,
    @Args('input') input: UpdateChatGroupInput,
  ): Promise<UpdateChatGroupPayload> {
    const { groupId, ...target } = locateChatGroup(input.id);
    const changes = changesOf(input);
    const updated = await this.writes.update(caller.open(target), groupId, changes, caller.context);
    return { ...writeFields(updated, caller.context), chatGroup: updated.group };
  }

  @Mutation(() => DeleteChatGroupPayload, { description: 'Deletes a group. It cannot be recovered.' })
  @RequirePermission('groups:delete')
  async deleteChatGroup(
    @CurrentCaller() caller: Caller,
    @Args('input') { id }: DeleteChatGroupInput,
  ): Promise<DeleteChatGroupPayload> {
    const { groupId, ...target } = locateChatGroup(id);
    const deleted = await this.writes.delete(caller.open(target), groupId, caller.context);
    return { ...writeFields(deleted, caller.context), deletedId: id };
  }

  @Mutation(() => CreateChatGroupInviteLinkPayload, {
    description: 'Makes an invite link; one that exists is replaced.',
  })
  @RequirePermission('groups:invite')
  async createChatGroupInviteLink(
    @CurrentCaller() caller: Caller,
    @Args('input') { id }: CreateChatGroupInviteLinkInput,
  ): Promise<CreateChatGroupInviteLinkPayload> {
    const { groupId, ...target } = locateChatGroup(id);
    const created = await this.writes.createInviteLink(caller.open(target), groupId, caller.context);
    return { ...writeFields(created, caller.context), chatGroup: created.group };
  }

  @Mutation(() => DeleteChatGroupInviteLinkPayload, { description: 'Deletes the invite link.' })
  @RequirePermission('groups:invite')
  async deleteChatGroupInviteLink(
    @CurrentCaller() caller: Caller,
    @Args('input') { id }: DeleteChatGroupInviteLinkInput,
  ): Promise<DeleteChatGroupInviteLinkPayload> {
    const { groupId, ...target } = locateChatGroup(id);
    const deleted = await this.writes.deleteInviteLink(caller.open(target), groupId, caller.context);
    return { ...writeFields(deleted, caller.context), chatGroup: deleted.group };
  }

  @Mutation(() => RemoveChatGroupParticipantsPayload, {
    description: 'Removes members. A removed member cannot join again by link.',
  })
  @RequirePermission('participants:remove')
  async removeChatGroupParticipants(
    @CurrentCaller() caller: Caller,
    @Args('input') { id, phoneNumbers }: RemoveChatGroupParticipantsInput,
  ): Promise<RemoveChatGroupParticipantsPayload> {
    const { groupId, ...target } = locateChatGroup(id);
    const removed = await this.writes.removeParticipants(
      caller.open(target),
      groupId,
      phoneNumbers,
      caller.context,
    );
    return {
      ...writeFields(removed, caller.context),
      chatGroup: removed.group,
      removedCount: removed.removedCount,
      notRemoved: removed.notRemoved,
    };
  }
}

/** GraphQL turns an error in place of a value into null plus an error at its path; the group itself is told. */
function withFailedLink(group: ChatGroup, error: Error): ChatGroup {
  return { ...group, inviteLink: error as unknown as string };
}
