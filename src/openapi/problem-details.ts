import { ApiProperty } from '@nestjs/swagger';
import type { Problem } from '../errors/problem-details.js';
import { ERRORS, type ErrorCode } from '../errors/catalogue.js';

export class ViolationAnswer {
  @ApiProperty({ type: String, description: 'Name of the invalid field.', example: 'subject' })
  field!: string;

  @ApiProperty({ type: String, description: 'What is wrong with the field.' })
  message!: string;
}

/** Schema of an error in `openapi.json`. Source: RFC 9457. */
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

  @ApiProperty({ type: String, description: 'Request ID.' })
  requestId!: string;

  @ApiProperty({ type: String, required: false, description: 'Request ID assigned by CAMS.' })
  upstreamRequestId?: string;

  @ApiProperty({ type: String, required: false, description: 'Error code returned by CAMS.' })
  upstreamCode?: string;

  @ApiProperty({
    type: String,
    required: false,
    description: 'ID of the create operation to poll for the outcome.',
  })
  operationId?: string;

  @ApiProperty({ type: Boolean, description: 'Whether the same request may succeed later.' })
  retryable!: boolean;

  @ApiProperty({ type: [ViolationAnswer], required: false })
  violations?: readonly ViolationAnswer[];
}
