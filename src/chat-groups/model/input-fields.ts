import { IsOptional } from 'class-validator';
import { applyDecorators } from '@nestjs/common';
import { ID } from '@nestjs/graphql';
import { ApiInputField } from '../../openapi/api-field.js';
import { IsChatGroupId, IsEntityTags, IsIdempotencyKey, IsPhoneNumber, IsSpaceId } from './validators.js';

/** Declares the field that names a group. */
export function GroupId(): PropertyDecorator {
  return applyDecorators(
    IsChatGroupId(),
    ApiInputField(() => ID, { description: 'Opaque ID of the group.' }),
  );
}

/** Declares the field that names a space. */
export function SpaceId(
  description = 'Space ID. Optional if you have exactly one space.',
): PropertyDecorator {
  return applyDecorators(
    IsOptional(),
    IsSpaceId(),
    ApiInputField(() => ID, { description, nullable: true, example: 'cams-acme' }),
  );
}

/** Declares the field that names a business number. */
export function BusinessNumber({
  description = 'Business number.',
  nullable = false,
} = {}): PropertyDecorator {
  return applyDecorators(
    ...(nullable ? [IsOptional()] : []),
    IsPhoneNumber(),
    ApiInputField(() => String, { description, nullable, example: '8613800000001' }),
  );
}

/** Declares the idempotency key of a write. */
export function IdempotencyKey(): PropertyDecorator {
  const description =
    'Makes retries safe: the same request with the same key within 24 hours returns the outcome of the first request.';
  return applyDecorators(
    IsOptional(),
    IsIdempotencyKey(),
    ApiInputField(() => String, { description, nullable: true }),
  );
}

/** Declares the precondition of a write to a group. REST has the header `If-Match` instead. */
export function IfMatch(): PropertyDecorator {
  const description =
    '`etag` of the group that the write is based on, with its quotation marks, a list of them, or `*`. The write fails with `PRECONDITION_FAILED` if the group has changed since.';
  return applyDecorators(
    IsOptional(),
    IsEntityTags(),
    ApiInputField(() => String, { description, nullable: true }),
  );
}
