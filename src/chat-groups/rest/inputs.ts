import { IsOptional } from 'class-validator';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '../model/page-size.js';
import { Remembered } from '../../http/input.pipe.js';
import { GroupFilterArgs } from '../model/inputs.js';
import { IsGroupId, IsPhoneNumber, IsShortText, IsSpaceId, IsWholeNumber } from '../model/validators.js';

const MAX_PAGE = 1_000_000;

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
  @ApiProperty({ type: String, description: 'Group ID as assigned by CAMS.' })
  groupId!: string;
}

export class OperationPath {
  @IsShortText(128)
  @ApiProperty({ type: String, description: 'Operation ID.' })
  id!: string;
}

@Remembered()
export class ChatGroupsQuery extends GroupFilterArgs {
  @IsOptional()
  @digits
  @IsWholeNumber(1, MAX_PAGE)
  @ApiProperty({
    type: 'integer',
    minimum: 1,
    default: 1,
    required: false,
    description: 'Page number, starting at 1.',
  })
  page?: number;

  @IsOptional()
  @digits
  @IsWholeNumber(1, MAX_PAGE_SIZE)
  @ApiProperty({
    type: 'integer',
    minimum: 1,
    maximum: MAX_PAGE_SIZE,
    default: DEFAULT_PAGE_SIZE,
    required: false,
    description: 'Groups per page.',
  })
  size?: number;
}
