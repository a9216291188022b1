import { Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ApiResponses } from '../../openapi/api-responses.js';
import { Caller, CurrentCaller, RequirePermission } from '../../tenancy/caller.js';
import { CreateOperationsService } from '../creates/create-operations.service.js';
import { OperationClosing } from '../creates/operation-closing.js';
import { OperationLists } from '../creates/operation-lists.js';
import { ChatGroupOperation, toOperation } from '../model/chat-group-operation.js';
import { DEFAULT_PAGE_SIZE } from '../model/page-size.js';
import { acknowledged, operationLinks, suggestPolling } from './headers.js';
import { IDEMPOTENCY_KEY } from './request-headers.js';
import { OperationPath, OperationsQuery } from './inputs.js';
import { ChatGroupOperationPage } from './responses.js';

/** Create operations of the caller's spaces. */
@ApiTags('Operations')
@Controller('v1/operations')
export class OperationsController {
  constructor(
    private readonly operations: CreateOperationsService,
    private readonly lists: OperationLists,
    private readonly closing: OperationClosing,
  ) {}

  @Get()
  @RequirePermission('groups:read')
  @RouteConfig({ readsQuery: true })
  @ApiResponses({
    operationId: 'listOperations',
    summary: 'List create operations',
    description: 'Create operations of the last 24 hours in your spaces, newest first; at most 1,000.',
    answers: {
      200: {
        type: ChatGroupOperationPage,
        description: 'A page of create operations.',
        headers: ['Link'],
      },
    },
  })
  async listOperations(
    @CurrentCaller() caller: Caller,
    @Query() query: OperationsQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ChatGroupOperationPage> {
    const { size = DEFAULT_PAGE_SIZE, after, ...filter } = query;
    const list = await this.lists.list(caller, filter, {
      first: size,
      ...(after !== undefined && { after }),
    });
    const cursors = list.operations.map(({ cursor }) => cursor);
    const endCursor = cursors.at(-1) ?? null;
    const next = list.hasNextPage ? endCursor : null;
    void reply.header('Link', operationLinks(filter, size, next));
    return {
      data: list.operations.map(({ operation, chatGroup }) => toOperation(operation, chatGroup)),
      page: { size, startCursor: cursors[0] ?? null, endCursor },
    };
  }

  @Get(':id')
  @RequirePermission('groups:read')
  @ApiResponses({
    operationId: 'getOperation',
    summary: 'Get a create operation',
    description: 'Returns the operation. Poll it while its status is `PENDING`.',
    answers: {
      200: { type: ChatGroupOperation, description: 'The create operation.', headers: ['Retry-After'] },
    },
  })
  async getOperation(
    @CurrentCaller() caller: Caller,
    @Param() { id }: OperationPath,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ChatGroupOperation> {
    const { operation, chatGroup } = await this.operations.get(caller, id);
    suggestPolling(reply, operation);
    return toOperation(operation, chatGroup);
  }

  @Post(':id/close')
  @HttpCode(200)
  @RequirePermission('groups:write')
  @ApiResponses({
    operationId: 'closeOperation',
    summary: 'Close a create operation',
    description:
      'Ends a pending operation as `UNRESOLVED`, so that its subject can be used again. Its group may still appear later. Returns an operation that has ended unchanged.',
    answers: { 200: { type: ChatGroupOperation, description: 'The create operation.' } },
    writes: true,
    headers: IDEMPOTENCY_KEY,
  })
  async closeOperation(
    @CurrentCaller() caller: Caller,
    @Param() { id }: OperationPath,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ChatGroupOperation> {
    const { operation, chatGroup } = acknowledged(reply, await this.closing.close(caller, id));
    return toOperation(operation, chatGroup);
  }
}
