import { Body, Controller, Get, Headers, Param, Post, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ApiResponses, LOCATION, OF_A_LIST } from '../../openapi/api-responses.js';
import { DEFAULT_PAGE_SIZE } from '../model/page-size.js';
import { problem } from '../../errors/problem-details.js';
import { restoredError } from '../../errors/stored-error.js';
import { FastHandler } from '../../http/fast-handler.js';
import { Caller, CurrentCaller, RequirePermission } from '../../tenancy/caller.js';
import { ChatGroupOperation, toOperation } from '../model/chat-group-operation.js';
import { toChatGroup } from '../model/chat-group.js';
import { ChatGroupsService } from '../reads/chat-groups.service.js';
import { noneMatchHits } from '../model/etag.js';
import { GroupCreation } from '../creates/group-creation.js';
import { NewChatGroupInput } from '../model/inputs.js';
import { madeGroup } from '../creates/create-operation-store.js';
import { ChatGroupPage, CreatedChatGroup } from './responses.js';
import { renderPage } from './rendered-page.js';
import { IDEMPOTENCY_KEY, acknowledged, groupPath, operationPath } from './headers.js';
import { ChatGroupsQuery, NumberPath } from './inputs.js';

const JSON_MEDIA_TYPE = 'application/json; charset=utf-8';

/** Lists and creates the groups of a business number. */
@ApiTags('Groups')
@ApiBearerAuth()
@Controller('v1/spaces/:custSpaceId/numbers/:businessNumber/groups')
export class ChatGroupsController {
  constructor(
    private readonly groups: ChatGroupsService,
    private readonly creation: GroupCreation,
  ) {}

  @Get()
  @RequirePermission('groups:read')
  @FastHandler()
  @ApiResponses({
    summary: 'List groups',
    answers: {
      200: { type: ChatGroupPage, description: 'A page of groups.', headers: OF_A_LIST },
      304: { description: 'Not modified.' },
    },
    headers: { 'If-None-Match': 'Entity tag of the page that you already have.' },
  })
  async list(
    @CurrentCaller() caller: Caller,
    @Param() path: NumberPath,
    @Query() query: ChatGroupsQuery,
    @Headers('if-none-match') noneMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer | undefined> {
    const { page = 1, size = DEFAULT_PAGE_SIZE } = query;
    const scope = caller.authorize(path);
    const paging = { offset: (page - 1) * size, first: size };
    const list = await this.groups.list(scope, query, paging);
    const rendered = renderPage(scope, list, { ...query, page, size });
    void reply.headers({
      ETag: rendered.etag,
      Link: rendered.links,
      'Cache-Status': list.cacheStatus,
      Age: Math.max(0, Math.floor((Date.now() - list.asOfMs) / 1000)),
    });
    if (noneMatchHits(noneMatch, rendered.etag)) {
      void reply.code(304);
      return undefined;
    }
    void reply.type(JSON_MEDIA_TYPE);
    return rendered.body;
  }

  @Post()
  @RequirePermission('groups:write')
  @ApiResponses({
    summary: 'Create a group',
    answers: {
      201: { type: CreatedChatGroup, description: 'The created group.', headers: LOCATION },
      202: {
        type: ChatGroupOperation,
        description:
          'The create request was sent, but its group has not been identified yet. Poll the operation.',
        headers: LOCATION,
      },
    },
    writes: true,
    headers: IDEMPOTENCY_KEY,
  })
  async create(
    @CurrentCaller() caller: Caller,
    @Param() path: NumberPath,
    @Body() input: NewChatGroupInput,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CreatedChatGroup | ChatGroupOperation> {
    const scope = caller.authorize(path);
    const { operation } = acknowledged(reply, await this.creation.create(scope, input));
    const row = madeGroup(operation);
    const { inviteLinkError } = operation;
    if (!row) {
      void reply.code(202).header('Location', operationPath(operation.id));
      return toOperation(operation, null);
    }
    void reply.code(201).header('Location', groupPath({ ...path, groupId: row.groupId }));
    return {
      ...toChatGroup(scope, row),
      ...(inviteLinkError && {
        inviteLinkError: problem(restoredError(inviteLinkError), caller.context.requestId),
      }),
    };
  }
}
