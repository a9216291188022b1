import { Body, Controller, Get, Headers, Param, Post, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ApiAnswers, LOCATION, OF_A_LIST } from '../common/api-answers.js';
import { DEFAULT_PAGE_SIZE } from '../common/connection.js';
import { problem } from '../common/error-rendering.js';
import { restoredError } from '../common/stored-error.js';
import { RequirePermission } from '../tenancy/access.js';
import { Caller, CurrentCaller } from '../tenancy/caller.js';
import { ChatGroupOperation, toOperation } from './answers.js';
import { toChatGroup } from './chat-group.js';
import { ChatGroupsService } from './chat-groups.service.js';
import { etag, noneMatchHits } from './etag.js';
import { GroupCreation } from './group-creation.js';
import { NewChatGroupInput } from './inputs.js';
import { madeGroup } from './operations.js';
import { ChatGroupPage, CreatedChatGroup } from './rest-answers.js';
import {
  IDEMPOTENCY_KEY,
  coherenceHeader,
  groupPath,
  groupsPath,
  operationPath,
  pageLinks,
} from './rest-headers.js';
import { ChatGroupsQuery, NumberPath } from './rest-inputs.js';

/** The groups of one number: list and create. */
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
  @ApiAnswers({
    summary: 'List groups',
    answers: {
      200: { type: ChatGroupPage, description: 'A page.', headers: OF_A_LIST },
      304: { description: 'As `If-None-Match` has it.' },
    },
    headers: { 'If-None-Match': 'Entity tag of the page that the caller has.' },
  })
  async list(
    @CurrentCaller() caller: Caller,
    @Param() path: NumberPath,
    @Query() query: ChatGroupsQuery,
    @Headers('if-none-match') noneMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ChatGroupPage | undefined> {
    const { page = 1, size = DEFAULT_PAGE_SIZE, status, subject } = query;
    const paging = { offset: (page - 1) * size, first: size };
    const list = await this.groups.list(caller.open(path), query, paging, caller.context);
    const pageCount = Math.ceil(list.total / size);
    const body = { data: list.groups, page: { index: page, size, total: list.total, pageCount } };
    const tag = etag(body);
    void reply.headers({
      ETag: tag,
      Link: pageLinks(groupsPath(path), { page, size, status, subject }, pageCount),
      'Cache-Status': list.cacheStatus,
      Age: Math.max(0, Math.floor((Date.now() - list.asOfMs) / 1000)),
    });
    if (noneMatchHits(noneMatch, tag)) {
      void reply.code(304);
      return undefined;
    }
    return { ...body, asOf: new Date(list.asOfMs).toISOString(), stale: list.stale };
  }

  @Post()
  @RequirePermission('groups:write')
  @ApiAnswers({
    summary: 'Create a group',
    answers: {
      201: { type: CreatedChatGroup, description: 'The group.', headers: LOCATION },
      202: {
        type: ChatGroupOperation,
        description: 'Sent; the group is not known yet. Ask the operation later.',
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
    const scope = caller.open(path);
    const created = await this.creation.create(scope, input, caller.context);
    const { operation } = created;
    const row = madeGroup(operation);
    const { inviteLinkError } = operation;
    coherenceHeader(reply, created);
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
