import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Patch, Post, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ApiResponses } from '../../openapi/api-responses.js';
import { ETAG } from '../../openapi/response-headers.js';
import { Caller, CurrentCaller, RequirePermission } from '../../tenancy/caller.js';
import { ChatGroup, toChatGroup } from '../model/chat-group.js';
import { ChatGroupsService } from '../reads/chat-groups.service.js';
import { ifMatch } from '../model/etag.js';
import { GroupWrites } from '../writes/group-writes.js';
import { ParticipantRemovals } from '../writes/participant-removals.js';
import { PictureCheck } from '../writes/picture-check.js';
import { InviteLinkWrites } from '../writes/invite-link-writes.js';
import { ChatGroupChangesInput, changesOf } from '../model/inputs.js';
import { ParticipantRemovalInput, membersOf } from '../model/participant-inputs.js';
import { InviteLink, Participants, RemovedParticipants } from './responses.js';
import { acknowledged } from './headers.js';
import { IDEMPOTENCY_KEY, IF_MATCH, IF_NONE_MATCH } from './request-headers.js';
import { GroupPath } from './inputs.js';

/** One group, its invite link and its members. */
@ApiTags('Groups')
@Controller('v1/spaces/:custSpaceId/numbers/:businessNumber/groups/:groupId')
export class ChatGroupController {
  constructor(
    private readonly groups: ChatGroupsService,
    private readonly writes: GroupWrites,
    private readonly links: InviteLinkWrites,
    private readonly removals: ParticipantRemovals,
    private readonly pictures: PictureCheck,
  ) {}

  @Get()
  @RequirePermission('groups:read')
  @ApiResponses({
    operationId: 'getChatGroup',
    summary: 'Get a group',
    description: 'The invite link is included if you have the permission `groups:invite`.',
    answers: {
      200: { type: ChatGroup, description: 'The group.', headers: ETAG },
      304: { description: 'Not modified.', headers: ETAG },
    },
    headers: IF_NONE_MATCH,
  })
  async read(
    @CurrentCaller() caller: Caller,
    @Param() path: GroupPath,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ChatGroup> {
    const scope = caller.authorize(path);
    const { group, etag: tag } = await this.groups.get(scope, path.groupId);
    void reply.header('ETag', tag);
    return group;
  }

  @Patch()
  @RequirePermission('groups:write')
  @RouteConfig({ ifMatch: true, readsBody: true })
  @ApiResponses({
    operationId: 'updateChatGroup',
    summary: 'Update a group',
    description: 'Changes the fields that the body contains, at least one.',
    answers: {
      200: { type: ChatGroup, description: 'The updated group.', headers: ETAG },
      202: {
        type: ChatGroup,
        description:
          'Accepted, but CAMS does not show the whole change yet. Read the group again to see whether it was applied.',
      },
    },
    writes: true,
    headers: { ...IF_MATCH, ...IDEMPOTENCY_KEY },
    errors: ['Conflict'],
  })
  async update(
    @CurrentCaller() caller: Caller,
    @Param() path: GroupPath,
    @Body() input: ChatGroupChangesInput,
    @Headers('if-match') match: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ChatGroup> {
    const changes = changesOf(input);
    const scope = caller.authorize(path);
    this.pictures.requireUrl(changes);
    const outcome = await this.writes.update(scope, path.groupId, changes, ifMatch(match));
    const { row, settled } = acknowledged(reply, outcome);
    const group = toChatGroup(scope, row);
    if (settled) void reply.header('ETag', group.etag);
    else void reply.code(202);
    return group;
  }

  @Delete()
  @HttpCode(204)
  @RequirePermission('groups:delete')
  @RouteConfig({ ifMatch: true })
  @ApiResponses({
    operationId: 'deleteChatGroup',
    summary: 'Delete a group',
    description: 'A deleted group cannot be recovered.',
    answers: { 204: { description: 'Deleted.' } },
    writes: true,
    headers: { ...IF_MATCH, ...IDEMPOTENCY_KEY },
    errors: ['Conflict'],
  })
  async delete(
    @CurrentCaller() caller: Caller,
    @Param() path: GroupPath,
    @Headers('if-match') match: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const scope = caller.authorize(path);
    acknowledged(reply, await this.writes.delete(scope, path.groupId, ifMatch(match)));
  }

  @Post('invite-link')
  @HttpCode(200)
  @RequirePermission('groups:invite')
  @RouteConfig({ ifMatch: true })
  @ApiResponses({
    operationId: 'createInviteLink',
    summary: 'Create an invite link',
    description: 'Replaces an existing link.',
    answers: { 200: { type: InviteLink, description: 'The invite link.' } },
    writes: true,
    headers: { ...IF_MATCH, ...IDEMPOTENCY_KEY },
  })
  async createInviteLink(
    @CurrentCaller() caller: Caller,
    @Param() path: GroupPath,
    @Headers('if-match') match: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<InviteLink> {
    const outcome = await this.links.create(caller.authorize(path), path.groupId, ifMatch(match));
    return { inviteLink: acknowledged(reply, outcome).inviteLink };
  }

  @Delete('invite-link')
  @HttpCode(204)
  @RequirePermission('groups:invite')
  @RouteConfig({ ifMatch: true })
  @ApiResponses({
    operationId: 'deleteInviteLink',
    summary: 'Delete the invite link',
    description: 'Nobody can join by the link any more.',
    answers: { 204: { description: 'Deleted.' } },
    writes: true,
    headers: { ...IF_MATCH, ...IDEMPOTENCY_KEY },
  })
  async deleteInviteLink(
    @CurrentCaller() caller: Caller,
    @Param() path: GroupPath,
    @Headers('if-match') match: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const scope = caller.authorize(path);
    acknowledged(reply, await this.links.delete(scope, path.groupId, ifMatch(match)));
  }

  @Get('participants')
  @RequirePermission('participants:read')
  @ApiResponses({
    operationId: 'listParticipants',
    summary: 'List members',
    description: 'Returns all members of the group in one response.',
    answers: { 200: { type: Participants, description: 'The members.' } },
  })
  async participants(@CurrentCaller() caller: Caller, @Param() path: GroupPath): Promise<Participants> {
    return { data: await this.groups.participants(caller.authorize(path), path.groupId) };
  }

  @Post('participants/remove')
  @HttpCode(200)
  @RequirePermission('participants:remove')
  @RouteConfig({ ifMatch: true, readsBody: true })
  @ApiResponses({
    operationId: 'removeParticipants',
    summary: 'Remove members',
    description: 'A removed member cannot rejoin by invite link.',
    answers: {
      200: {
        type: RemovedParticipants,
        description: 'Number of members removed, and the phone numbers and IDs of those who were not.',
      },
    },
    writes: true,
    headers: { ...IF_MATCH, ...IDEMPOTENCY_KEY },
  })
  async removeParticipants(
    @CurrentCaller() caller: Caller,
    @Param() path: GroupPath,
    @Body() input: ParticipantRemovalInput,
    @Headers('if-match') match: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RemovedParticipants> {
    const members = membersOf(input);
    const scope = caller.authorize(path);
    const outcome = await this.removals.remove(scope, path.groupId, members, ifMatch(match));
    const { removedCount, notRemoved } = acknowledged(reply, outcome);
    return { removedCount, notRemoved };
  }
}
