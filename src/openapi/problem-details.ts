import { ApiProperty } from '@nestjs/swagger';
import type { Problem } from '../errors/problem-details.js';
import { ERRORS, type ErrorCode } from '../errors/catalogue.js';

export class ViolationAnswer {
  @ApiProperty({ type: String, description: 'The bad field.', example: 'subject' })
  field!: string;

  @ApiProperty({ type: String, description: 'What is wrong with it.' })
  message!: string;
}

/** How `openapi.json` shows a problem. Source: RFC 9457. */
export class ProblemAnswer implements Problem {
  @ApiProperty({ type: String, format: 'uri-reference', example: '/docs/errors#NOT_FOUND' })
  type!: string;

  @ApiProperty({ type: String, example: 'Not found' })
  title!: string;

  @ApiProperty({ type: 'integer', example: 404 })
  status!: number;

  @ApiProperty({ type: String })
  detail!: string;

  @ApiProperty({ enum: Object.keys(ERRORS), enumName: 'ErrorCode' })
  code!: ErrorCode;

  @ApiProperty({ type: String, description: 'Id of the request.' })
  requestId!: string;

  @ApiProperty({ type: String, required: false, description: 'Id of the call at CAMS.' })
  upstreamRequestId?: string;

  @ApiProperty({ type: String, required: false, description: 'Code of CAMS.' })
  upstreamCode?: string;

  @ApiProperty({
    type: String,
    required: false,
    description: 'The operation that tells what became of a create.',
  })
  operationId?: string;

  @ApiProperty({ type: Boolean, description: 'Whether the same request may succeed later.' })
  retryable!: boolean;

  @ApiProperty({ type: [ViolationAnswer], required: false })
  violations?: readonly ViolationAnswer[];
}
