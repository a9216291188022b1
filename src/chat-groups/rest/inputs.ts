import { IsOptional } from 'class-validator';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { DEFAULT_PAGE_SIZE, MAX_CURSOR, MAX_PAGE_SIZE } from '../model/page-size.js';
import { Remembered } from '../../http/input.pipe.js';
import { validationFailed } from '../../errors/gateway-error.js';
import { GroupFilterArgs } from '../model/inputs.js';
import type { PagingArgs } from '../reads/paging.js';
import { DEFAULT_QR_SIZE, MAX_QR_SIZE, MIN_QR_SIZE } from './qr-code.js';
import { OperationFilterArgs } from '../model/operation-inputs.js';
import { IsGroupId, IsPhoneNumber, IsShortText, IsSpaceId, IsWholeNumber } from '../model/validators.js';

const MAX_PAGE = 1_000_000;
const EXAMPLE_CURSOR = 'MTk6N2YzazlxMm00eDFj';

// Number() alone would accept '', ' 7', '1e1' and '0x10'.
const digits = Transform(({ value }: { value: unknown }) =>
  typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value,
);

@Remembered()
export class NumberPath {
  @IsSpaceId()
  @ApiProperty({ type: String, description: 'Space ID.', example: 'cams-acme' })
  custSpaceId!: string;

  @IsPhoneNumber()
  @ApiProperty({ type: String, description: 'Business number.', example: '8613800000001' })
  businessNumber!: string;
}

@Remembered()
export class GroupPath extends NumberPath {
  @IsGroupId()
  @ApiProperty({
    type: String,
    description: 'Group ID as assigned by CAMS.',
    example: '6011F4C9C91E5EB649C031A7',
  })
  groupId!: string;
}

export class OperationPath {
  @IsShortText(128)
  @ApiProperty({
    type: String,
    description:
      'Operation ID: the last part of the `Location` of a 202 response. The example does not exist.',
    example: 'op_1b9d6bcd',
  })
  id!: string;
}

export class QrCodeQuery {
  @IsOptional()
  @digits
  @IsWholeNumber(MIN_QR_SIZE, MAX_QR_SIZE)
  @ApiProperty({
    type: 'integer',
    minimum: MIN_QR_SIZE,
    maximum: MAX_QR_SIZE,
    default: DEFAULT_QR_SIZE,
    example: 256,
    required: false,
    description: 'Width and height in pixels.',
  })
  size?: number;
}

export class OperationsQuery extends OperationFilterArgs {
  @IsOptional()
  @digits
  @IsWholeNumber(1, MAX_PAGE_SIZE)
  @ApiProperty({
    type: 'integer',
    default: DEFAULT_PAGE_SIZE,
    example: 50,
    required: false,
    description: 'Operations per page.',
  })
  size?: number;
}

@Remembered()
export class ChatGroupsQuery extends GroupFilterArgs {
  @IsOptional()
  @digits
  @IsWholeNumber(1, MAX_PAGE)
  @ApiProperty({
    type: 'integer',
    default: 1,
    example: 2,
    required: false,
    description: 'Page number, starting at 1. Not with `after` or `before`.',
  })
  page?: number;

  @IsOptional()
  @IsShortText(MAX_CURSOR)
  @ApiProperty({
    type: String,
    required: false,
    example: EXAMPLE_CURSOR,
    description:
      'Only groups after this cursor: `endCursor` of the previous page. Skips no group, even if others are created or deleted meanwhile, but may repeat some: keep each `id` once.',
  })
  after?: string;

  @IsOptional()
  @IsShortText(MAX_CURSOR)
  @ApiProperty({
    type: String,
    required: false,
    example: EXAMPLE_CURSOR,
    description:
      'The groups right before this cursor. To go back a page, send `startCursor` of the current page.',
  })
  before?: string;

  @IsOptional()
  @digits
  @IsWholeNumber(1, MAX_PAGE_SIZE)
  @ApiProperty({
    type: 'integer',
    default: DEFAULT_PAGE_SIZE,
    example: 50,
    required: false,
    description: 'Groups per page.',
  })
  size?: number;
}

/** Returns the slice that is asked for, and its page number unless it is asked for by cursor. Throws `VALIDATION_FAILED`. */
export function pagingOf({ page, size = DEFAULT_PAGE_SIZE, after, before }: ChatGroupsQuery): {
  readonly page: number | undefined;
  readonly size: number;
  readonly slice: PagingArgs;
} {
  if (after === undefined && before === undefined) {
    const index = page ?? 1;
    return { page: index, size, slice: { offset: (index - 1) * size, first: size } };
  }
  if (page !== undefined)
    throw validationFailed([{ field: 'page', message: 'must not be combined with after or before' }]);
  const cursors = { ...(after !== undefined && { after }), ...(before !== undefined && { before }) };
  return { page, size, slice: { [after === undefined ? 'last' : 'first']: size, ...cursors } };
}
