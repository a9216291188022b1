import { Controller, Get, Param } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { ApiResponses } from '../../openapi/api-responses.js';
import { Caller, CurrentCaller, RequirePermission } from '../../tenancy/caller.js';
import { CreateOperationsService } from '../creates/create-operations.service.js';
import { ChatGroupOperation, toOperation } from '../model/chat-group-operation.js';
import { OperationPath } from './inputs.js';
import { Viewer, toViewer } from '../model/viewer.js';

/** Resources of the caller rather than of a business number. */
@ApiTags('Caller')
@ApiBearerAuth()
@Controller('v1')
export class CallerController {
  constructor(private readonly operations: CreateOperationsService) {}

  @Get('viewer')
  @RequirePermission('groups:read')
  @ApiResponses({ summary: 'Get the caller', answers: { 200: { type: Viewer, description: 'The caller.' } } })
  viewer(@CurrentCaller() caller: Caller): Viewer {
    caller.require();
    return toViewer(caller.principal);
  }

  @Get('operations/:id')
  @RequirePermission('groups:read')
  @ApiResponses({
    summary: 'Get a create operation',
    answers: { 200: { type: ChatGroupOperation, description: 'The create operation.' } },
  })
  async operation(
    @CurrentCaller() caller: Caller,
    @Param() { id }: OperationPath,
  ): Promise<ChatGroupOperation> {
    const { operation, chatGroup } = await this.operations.get(caller, id);
    return toOperation(operation, chatGroup);
  }
}
