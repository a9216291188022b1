import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiResponses } from '../../openapi/api-responses.js';
import { Caller, CurrentCaller, RequireCredentials } from '../../tenancy/caller.js';
import { Viewer, toViewer } from '../model/viewer.js';

/** Resources of the caller rather than of a business number. */
@ApiTags('Caller')
@Controller('v1')
export class CallerController {
  @Get('viewer')
  @RequireCredentials()
  @ApiResponses({
    operationId: 'getViewer',
    summary: 'Get the caller',
    description: 'Requires valid credentials, but no permission.',
    answers: { 200: { type: Viewer, description: 'The caller.' } },
    local: true,
  })
  viewer(@CurrentCaller() caller: Caller): Viewer {
    return toViewer(caller.principal);
  }
}
