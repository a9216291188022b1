import { ApiProperty } from '@nestjs/swagger';
import type { Problem } from '../errors/problem-details.js';
import { ERRORS, type ErrorCode } from '../errors/catalogue.js';

export class ViolationAnswer {
  @ApiProperty({ type: String, description: 'Name of the invalid field.', example: 'subject' })
  field!: string;

  @ApiProperty({
    type: String,
    description: 'What is wrong with the field.',
    example: 'must be 1–128 characters, without control characters',
  })
  message!: string;
}

/** Schema of an error in `openapi.json`. Source: RFC 9457. */
export class ProblemAnswer implements Problem {
  @ApiProperty({
    type: String,
    format: 'uri-reference',
    description: 'Where the error is documented.',
    example: '/docs/errors#NOT_FOUND',
  })
  type!: string;

  @ApiProperty({
    type: String,
    description: 'Title of the error; the same for every error with this code.',
    example: 'Not found',
  })
  title!: string;

  @ApiProperty({ type: 'integer', minimum: 200, maximum: 599, description: 'HTTP status.', example: 404 })
  status!: number;

  @ApiProperty({
    type: String,
    description: 'What went wrong, for people.',
    example: 'The resource does not exist, or you do not have access to it.',
  })
  detail!: string;

  @ApiProperty({
    enum: Object.keys(ERRORS),
    enumName: 'ErrorCode',
    description: 'Code of the error, for programs.',
    example: 'NOT_FOUND',
  })
  code!: ErrorCode;

  @ApiProperty({ type: String, description: 'Request ID.', example: '5b0c3a52-6f0e-4c5e-9a53-0f4f6a3c2d10' })
  requestId!: string;

  @ApiProperty({
    type: String,
    required: false,
    description: 'Request ID assigned by CAMS.',
    example: '90E63D28-E31D-1EB2-8939-A9486641B4BD',
  })
  upstreamRequestId?: string;

  @ApiProperty({
    type: String,
    required: false,
    description: 'Error code returned by CAMS.',
    example: 'Group.Number.Reach.Limit',
  })
  upstreamCode?: string;

  @ApiProperty({
    type: String,
    required: false,
    description: 'ID of the create operation to poll for the outcome.',
    example: 'op_1b9d6bcd',
  })
  operationId?: string;

  @ApiProperty({ type: Boolean, description: 'Whether the same request may succeed later.', example: false })
  retryable!: boolean;

  @ApiProperty({
    type: 'integer',
    minimum: 1,
    required: false,
    description: 'Seconds to wait before the request is sent again, as in the header `Retry-After`.',
    example: 1,
  })
  retryAfter?: number;

  @ApiProperty({ type: [ViolationAnswer], required: false, description: 'Every invalid field.' })
  violations?: readonly ViolationAnswer[];
}
