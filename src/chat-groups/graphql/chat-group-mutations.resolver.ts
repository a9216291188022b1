import { Args, Mutation, Resolver } from '@nestjs/graphql';
import { Caller, CurrentCaller, RequirePermission } from '../../tenancy/caller.js';
import type { ScopeTarget, TenantScope } from '../../tenancy/tenant-scope.js';
import {
  CreateChatGroupInviteLinkPayload,
  CreateChatGroupPayload,
  DeleteChatGroupInviteLinkPayload,
  DeleteChatGroupPayload,
  RemoveChatGroupParticipantsPayload,
  UpdateChatGroupPayload,
  writeFields,
} from './payloads.js';
import { toOperation } from '../model/chat-group-operation.js';
import { ifMatch } from '../model/etag.js';
import { locateChatGroup } from '../model/chat-group-id.js';
import { membersOf } from '../model/participant-inputs.js';
import { type ChatGroup, toChatGroup } from '../model/chat-group.js';
import { GroupCreation } from '../creates/group-creation.js';
import { GroupWrites } from '../writes/group-writes.js';
import { ParticipantRemovals } from '../writes/participant-removals.js';
import { PictureCheck } from '../writes/picture-check.js';
import { InviteLinkWrites } from '../writes/invite-link-writes.js';
import { madeGroup } from '../creates/create-operation.js';
import {
  CreateChatGroupInput,
  CreateChatGroupInviteLinkInput,
  DeleteChatGroupInput,
  DeleteChatGroupInviteLinkInput,
  RemoveChatGroupParticipantsInput,
  UpdateChatGroupInput,
  changesOf,
} from '../model/inputs.js';

/** GraphQL mutations. */
@Resolver()
export class ChatGroupMutationsResolver {
  constructor(
    private readonly creation: GroupCreation,
    private readonly writes: GroupWrites,
    private readonly links: InviteLinkWrites,
    private readonly removals: ParticipantRemovals,
    private readonly pictures: PictureCheck,
  ) {}

  @Mutation(() => CreateChatGroupPayload, { description: 'Creates a group and determines its ID.' })
  @RequirePermission('groups:write')
  async createChatGroup(
    @CurrentCaller() caller: Caller,
    @Args('input') input: CreateChatGroupInput,
  ): Promise<CreateChatGroupPayload> {
    const scope = open(caller, input, input);
    const created = await this.creation.create(scope, input);
    const { operation, linkError } = created.value;
    const row = madeGroup(operation);
    const group = row ? toChatGroup(scope, row) : null;
    return {
      ...writeFields(created, caller.context),
      operation: toOperation(operation, group),
      chatGroup: group && linkError ? withFailedLink(group, linkError) : group,
    };
  }

  @Mutation(() => UpdateChatGroupPayload, {
    description: 'Updates the subject, description or picture of a group.',
  })
  @RequirePermission('groups:write')
  async updateChatGroup(
    @CurrentCaller() caller: Caller,
    @Args('input') input: UpdateChatGroupInput,
  ): Promise<UpdateChatGroupPayload> {
    const { groupId, ...target } = locateChatGroup(input.id);
    const changes = changesOf(input);
    const scope = open(caller, target, input);
    this.pictures.requireUrl(changes);
    const updated = await this.writes.update(scope, groupId, changes, ifMatch(input.ifMatch));
    const { row, listedStatus } = updated.value;
    const chatGroup = toChatGroup(scope, row);
    const { etag } = toChatGroup(scope, { ...row, status: listedStatus });
    return { ...writeFields(updated, caller.context), chatGroup: withFields(chatGroup, { etag }) };
  }

  @Mutation(() => DeleteChatGroupPayload, {
    description: 'Deletes a group. A deleted group cannot be recovered.',
  })
  @RequirePermission('groups:delete')
  async deleteChatGroup(
    @CurrentCaller() caller: Caller,
    @Args('input') input: DeleteChatGroupInput,
  ): Promise<DeleteChatGroupPayload> {
    const { groupId, ...target } = locateChatGroup(input.id);
    const scope = open(caller, target, input);
    const deleted = await this.writes.delete(scope, groupId, ifMatch(input.ifMatch));
    return { ...writeFields(deleted, caller.context), deletedId: input.id };
  }

  @Mutation(() => CreateChatGroupInviteLinkPayload, {
    description: 'Creates an invite link. Replaces an existing link.',
  })
  @RequirePermission('groups:invite')
  async createChatGroupInviteLink(
    @CurrentCaller() caller: Caller,
    @Args('input') input: CreateChatGroupInviteLinkInput,
  ): Promise<CreateChatGroupInviteLinkPayload> {
    const { groupId, ...target } = locateChatGroup(input.id);
    const scope = open(caller, target, input);
    const created = await this.links.create(scope, groupId, ifMatch(input.ifMatch));
    return { ...writeFields(created, caller.context), chatGroup: toChatGroup(scope, created.value.row) };
  }

  @Mutation(() => DeleteChatGroupInviteLinkPayload, { description: 'Deletes the invite link.' })
  @RequirePermission('groups:invite')
  async deleteChatGroupInviteLink(
    @CurrentCaller() caller: Caller,
    @Args('input') input: DeleteChatGroupInviteLinkInput,
  ): Promise<DeleteChatGroupInviteLinkPayload> {
    const { groupId, ...target } = locateChatGroup(input.id);
    const scope = open(caller, target, input);
    const deleted = await this.links.delete(scope, groupId, ifMatch(input.ifMatch));
    return { ...writeFields(deleted, caller.context), chatGroup: toChatGroup(scope, deleted.value.row) };
  }

  @Mutation(() => RemoveChatGroupParticipantsPayload, {
    description: 'Removes members. A removed member cannot rejoin by invite link.',
  })
  @RequirePermission('participants:remove')
  async removeChatGroupParticipants(
    @CurrentCaller() caller: Caller,
    @Args('input') input: RemoveChatGroupParticipantsInput,
  ): Promise<RemoveChatGroupParticipantsPayload> {
    const { groupId, ...target } = locateChatGroup(input.id);
    const members = membersOf(input);
    const scope = open(caller, target, input);
    const removed = await this.removals.remove(scope, groupId, members, ifMatch(input.ifMatch));
    return {
      ...writeFields(removed, caller.context),
      chatGroup: toChatGroup(scope, removed.value.row),
      removedCount: removed.value.removedCount,
      notRemoved: removed.value.notRemoved,
    };
  }
}

/** Returns the scope of a mutation, and stores the input's idempotency key in the request context. */
function open(
  caller: Caller,
  target: ScopeTarget,
  { idempotencyKey }: { idempotencyKey?: string },
): TenantScope {
  caller.context.idempotencyKey = idempotencyKey ?? undefined;
  return caller.authorize(target);
}

/** Returns the group with an error in place of its link, which GraphQL turns into null plus an error at its path. */
function withFailedLink(group: ChatGroup, error: Error): ChatGroup {
  return withFields(group, { inviteLink: error, etag: group.etag });
}

/** Inherits the other fields: a copy would lose the getter of `etag`, which depends on all of them. */
function withFields(group: ChatGroup, fields: Readonly<Record<string, unknown>>): ChatGroup {
  const own = Object.entries(fields).map(([name, value]) => [name, { value }] as const);
  return Object.create(group, Object.fromEntries(own)) as ChatGroup;
}
