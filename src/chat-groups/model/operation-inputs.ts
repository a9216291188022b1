import { IsOptional } from 'class-validator';
import { applyDecorators } from '@nestjs/common';
import { ArgsType, ID, InputType, Int } from '@nestjs/graphql';
import { ApiInputField } from '../../openapi/api-field.js';
import { OperationStatus } from './chat-group-operation.js';
import { BusinessNumber, IdempotencyKey, SpaceId } from './input-fields.js';
import { DEFAULT_PAGE_SIZE, MAX_CURSOR, MAX_PAGE_SIZE } from './page-size.js';
import { IsOneOf, IsShortText, IsWholeNumber } from './validators.js';

const MAX_OPERATION_ID = 128;
const EXAMPLE_CURSOR = 'MTc1MDAwMDAwMDAwMC5vcF8xYjlkNmJjZA';

function OperationId(): PropertyDecorator {
  return applyDecorators(
    IsShortText(MAX_OPERATION_ID),
    ApiInputField(() => ID, { description: 'Operation ID.' }),
  );
}

@ArgsType()
export class OperationArgs {
  @OperationId()
  id!: string;
}

/** Filters and the cursor of a list of operations, which REST and GraphQL share. */
@ArgsType()
export class OperationFilterArgs {
  @SpaceId('Only operations of this space.')
  custSpaceId?: string;

  @BusinessNumber({ description: 'Only operations of this business number.', nullable: true })
  businessNumber?: string;

  @IsOptional()
  @IsOneOf(Object.values(OperationStatus))
  @ApiInputField(() => OperationStatus, {
    description: 'Only operations with this status.',
    nullable: true,
    enum: OperationStatus,
    enumName: 'OperationStatus',
    example: 'PENDING',
  })
  status?: OperationStatus;

  @IsOptional()
  @IsShortText(MAX_CURSOR)
  @ApiInputField(() => String, {
    description: 'Only operations after this cursor.',
    nullable: true,
    example: EXAMPLE_CURSOR,
  })
  after?: string;
}

@ArgsType()
export class OperationsArgs extends OperationFilterArgs {
  @IsOptional()
  @IsWholeNumber(1, MAX_PAGE_SIZE)
  @ApiInputField(() => Int, {
    description: `Number of operations, 1–${MAX_PAGE_SIZE}. Default: ${DEFAULT_PAGE_SIZE}.`,
    nullable: true,
  })
  first?: number;
}

@InputType()
export class CloseChatGroupOperationInput {
  @OperationId()
  id!: string;

  @IdempotencyKey()
  idempotencyKey?: string;
}
