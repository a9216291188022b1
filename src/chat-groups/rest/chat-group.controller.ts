import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Patch, Post, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ApiResponses, ETAG } from '../../openapi/api-responses.js';
import { Caller, CurrentCaller, RequirePermission } from '../../tenancy/caller.js';
import { ChatGroup, toChatGroup } from '../model/chat-group.js';
import { ChatGroupsService } from '../reads/chat-groups.service.js';
import { etag, ifMatch, noneMatchHits } from '../model/etag.js';
import { GroupWrites } from '../writes/group-writes.js';
import { ParticipantRemovals } from '../writes/participant-removals.js';
import { InviteLinkWrites } from '../writes/invite-link-writes.js';
import { ChatGroupChangesInput, ParticipantNumbersInput, changesOf } from '../model/inputs.js';
import { InviteLink, Participants, RemovedParticipants } from './responses.js';
import { IDEMPOTENCY_KEY, acknowledged } from './headers.js';
import { GroupPath } from './inputs.js';

const IF_MATCH = {
  'If-Match':
    'Entity tag of the group that the change is based on. Returns 412 if the group has changed since.',
};

/** One group, its invite link and its members. */
@ApiTags('Groups')
@ApiBearerAuth()
@Controller('v1/spaces/:custSpaceId/numbers/:businessNumber/groups/:groupId')
export class ChatGroupController {
  constructor(
    private readonly groups: ChatGroupsService,
    private readonly writes: GroupWrites,
    private readonly links: InviteLinkWrites,
    private readonly removals: ParticipantRemovals,
  ) {}

  @Get()
  @RequirePermission('groups:read')
  @ApiResponses({
    summary: 'Get a group',
    answers: {
      200: { type: ChatGroup, description: 'The group.', headers: ETAG },
      304: { description: 'Not modified.' },
    },
    headers: { 'If-None-Match': 'Entity tag of the group that you already have.' },
  })
  async read(
    @CurrentCaller() caller: Caller,
    @Param() path: GroupPath,
    @Headers('if-none-match') noneMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ChatGroup | undefined> {
    const scope = caller.authorize(path);
    const { group, etag: tag } = await this.groups.get(scope, path.groupId);
    void reply.header('ETag', tag);
    if (!noneMatchHits(noneMatch, tag)) return group;
    void reply.code(304);
    return undefined;
  }

  @Patch()
  @RequirePermission('groups:write')
  @ApiResponses({
    summary: 'Update a group',
    answers: {
      200: { type: ChatGroup, description: 'The updated group.', headers: ETAG },
      202: { type: ChatGroup, description: 'Accepted, but the group does not show the change yet.' },
    },
    writes: true,
    headers: { ...IF_MATCH, ...IDEMPOTENCY_KEY },
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
    const outcome = await this.writes.update(scope, path.groupId, changes, ifMatch(match));
    const { row, settled } = acknowledged(reply, outcome);
    const group = toChatGroup(scope, row);
    if (settled) void reply.header('ETag', etag(group));
    else void reply.code(202);
    return group;
  }

  @Delete()
  @HttpCode(204)
  @RequirePermission('groups:delete')
  @ApiResponses({
    summary: 'Delete a group',
    description: 'A deleted group cannot be recovered.',
    answers: { 204: { description: 'Deleted.' } },
    writes: true,
    headers: { ...IF_MATCH, ...IDEMPOTENCY_KEY },
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
  @ApiResponses({
    summary: 'Create an invite link',
    description: 'Replaces an existing link.',
    answers: { 200: { type: InviteLink, description: 'The invite link.' } },
    writes: true,
    headers: IDEMPOTENCY_KEY,
  })
  async createInviteLink(
    @CurrentCaller() caller: Caller,
    @Param() path: GroupPath,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<InviteLink> {
    const outcome = await this.links.create(caller.authorize(path), path.groupId);
    return { inviteLink: acknowledged(reply, outcome).inviteLink };
  }

  @Delete('invite-link')
  @HttpCode(204)
  @RequirePermission('groups:invite')
  @ApiResponses({
    summary: 'Delete the invite link',
    answers: { 204: { description: 'Deleted.' } },
    writes: true,
    headers: IDEMPOTENCY_KEY,
  })
  async deleteInviteLink(
    @CurrentCaller() caller: Caller,
    @Param() path: GroupPath,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    acknowledged(reply, await this.links.delete(caller.authorize(path), path.groupId));
  }

  @Get('participants')
  @RequirePermission('participants:read')
  @ApiResponses({
    summary: 'List members',
    answers: { 200: { type: Participants, description: 'The members.' } },
  })
  async participants(@CurrentCaller() caller: Caller, @Param() path: GroupPath): Promise<Participants> {
    return { data: await this.groups.participants(caller.authorize(path), path.groupId) };
  }

  @Post('participants/remove')
  @HttpCode(200)
  @RequirePermission('participants:remove')
  @ApiResponses({
    summary: 'Remove members',
    description: 'A removed member cannot rejoin by invite link.',
    answers: {
      200: {
        type: RemovedParticipants,
        description: 'Number of members removed, and the phone numbers that were not removed.',
      },
    },
    writes: true,
    headers: IDEMPOTENCY_KEY,
  })
  async removeParticipants(
    @CurrentCaller() caller: Caller,
    @Param() path: GroupPath,
    @Body() { phoneNumbers }: ParticipantNumbersInput,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RemovedParticipants> {
    const scope = caller.authorize(path);
    const outcome = await this.removals.remove(scope, path.groupId, phoneNumbers);
    const { removedCount, notRemoved } = acknowledged(reply, outcome);
    return { removedCount, notRemoved };
  }
}
