import { Body, Controller, Get, Headers, Param, Post, Query, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ApiResponses } from '../../openapi/api-responses.js';
import { LOCATION, ETAG, OF_A_LIST, OF_A_PENDING_CREATE } from '../../openapi/response-headers.js';
import { problem } from '../../errors/problem-details.js';
import { FastHandler } from '../../http/fast-handler.js';
import { prefersAsync } from '../../request/prefer.js';
import { LoadShedding } from '../../telemetry/load-shedding.js';
import { Caller, CurrentCaller, RequirePermission } from '../../tenancy/caller.js';
import { ChatGroupOperation, toOperation } from '../model/chat-group-operation.js';
import { toChatGroup } from '../model/chat-group.js';
import { ChatGroupsService } from '../reads/chat-groups.service.js';
import { GroupCreation } from '../creates/group-creation.js';
import { NewChatGroupInput } from '../model/inputs.js';
import { madeGroup } from '../creates/create-operation.js';
import { ChatGroupPage, CreatedChatGroup } from './responses.js';
import { isRendered, renderPage } from './rendered-page.js';
import { acknowledged, groupPath, operationPath, suggestPolling } from './headers.js';
import { IDEMPOTENCY_KEY, IF_NONE_MATCH, PREFER } from './request-headers.js';
import { ChatGroupsQuery, NumberPath, pagingOf } from './inputs.js';

const JSON_MEDIA_TYPE = 'application/json; charset=utf-8';
/** Rendering more rows may take milliseconds. */
const BRIEF_ROWS = 20;

/** Lists and creates the groups of a business number. */
@ApiTags('Groups')
@Controller('v1/spaces/:custSpaceId/numbers/:businessNumber/groups')
export class ChatGroupsController {
  constructor(
    private readonly groups: ChatGroupsService,
    private readonly creation: GroupCreation,
    private readonly shedding: LoadShedding,
  ) {}

  @Get()
  @RequirePermission('groups:read')
  @RouteConfig({ readsQuery: true })
  @FastHandler()
  @ApiResponses({
    operationId: 'listChatGroups',
    summary: 'List groups',
    description:
      'Page by number, or by cursor with `after` and `before`; the response links to the other pages.',
    answers: {
      200: { type: ChatGroupPage, description: 'A page of groups.', headers: OF_A_LIST },
      304: { description: 'Not modified.', headers: OF_A_LIST },
    },
    headers: IF_NONE_MATCH,
  })
  async list(
    @CurrentCaller() caller: Caller,
    @Param() path: NumberPath,
    @Query() query: ChatGroupsQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer> {
    const { page, size, slice } = pagingOf(query);
    const scope = caller.authorize(path);
    const list = await this.groups.list(scope, query, slice);
    const request = { ...query, page, size };
    const isNew = !isRendered(list, request);
    if (isNew) {
      caller.context.held?.requirePlace();
      if (list.listed.rowCount > BRIEF_ROWS) await this.shedding.turn(caller.context);
    }
    const rendered = renderPage(scope, list, request);
    if (isNew) caller.context.held?.rendered(rendered.body.length);
    void reply.headers({
      ETag: rendered.etag,
      Link: rendered.links,
      'Cache-Status': list.listed.cacheStatus,
      Age: Math.max(0, Math.floor((Date.now() - list.listed.asOfMs) / 1000)),
    });
    void reply.type(JSON_MEDIA_TYPE);
    return rendered.body;
  }

  @Post()
  @RequirePermission('groups:write')
  @RouteConfig({ readsBody: true })
  @ApiResponses({
    operationId: 'createChatGroup',
    summary: 'Create a group',
    description:
      'CAMS creates groups asynchronously and returns no ID, so the gateway looks for the new group for a few seconds. If it does not appear, the response is an operation to poll.',
    answers: {
      201: {
        type: CreatedChatGroup,
        description: 'The created group.',
        headers: [...LOCATION, ...ETAG],
      },
      202: {
        type: ChatGroupOperation,
        description:
          'The create request was sent, but its group has not been identified yet. Poll the operation.',
        headers: [...LOCATION, ...OF_A_PENDING_CREATE],
      },
    },
    writes: true,
    headers: { ...PREFER, ...IDEMPOTENCY_KEY },
    errors: ['Conflict'],
  })
  async create(
    @CurrentCaller() caller: Caller,
    @Param() path: NumberPath,
    @Body() input: NewChatGroupInput,
    @Headers('prefer') prefer: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Omit<CreatedChatGroup, 'etag'> | ChatGroupOperation> {
    const scope = caller.authorize(path);
    const respondAsync = prefersAsync(prefer);
    const created = await this.creation.create(scope, input, { respondAsync });
    const { operation, linkError } = acknowledged(reply, created);
    const row = madeGroup(operation);
    if (!row) {
      if (respondAsync) void reply.header('Preference-Applied', 'respond-async');
      void reply.code(202).header('Location', operationPath(operation.id));
      suggestPolling(reply, operation);
      return toOperation(operation, null);
    }
    const group = toChatGroup(scope, row);
    const headers = { Location: groupPath({ ...path, groupId: row.groupId }), ETag: group.etag };
    void reply.code(201).headers(headers);
    if (!linkError) return group;
    caller.context.noteError(linkError.code, linkError.status);
    return { ...group, inviteLinkError: problem(linkError, caller.context.requestId) };
  }
}
