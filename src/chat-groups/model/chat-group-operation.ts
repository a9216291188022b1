import { GraphQLISODateTime, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { Cost } from '../../graphql/field-cost.js';
import { ApiOutputField } from '../../openapi/api-field.js';
import { DAY_MS } from '../../util/durations.js';
import { ChatGroup } from './chat-group.js';

export enum OperationStatus {
  SUCCEEDED = 'SUCCEEDED',
  PENDING = 'PENDING',
  UNRESOLVED = 'UNRESOLVED',
}
registerEnumType(OperationStatus, {
  name: 'OperationStatus',
  description: 'Status of a create operation.',
  valuesMap: {
    SUCCEEDED: { description: 'The group was created and identified.' },
    PENDING: { description: 'The create request was sent; its group has not been identified yet.' },
    UNRESOLVED: {
      description:
        'The group was not found within the time window, or the operation was closed; see `detail`.',
    },
  },
});

@ObjectType({ description: 'A create operation and its status.' })
export class ChatGroupOperation {
  @ApiOutputField(() => ID, { description: 'Operation ID.', example: 'op_1b9d6bcd' })
  @Cost({ bytes: 42 })
  id!: string;

  @ApiOutputField(() => OperationStatus, {
    description: 'Status.',
    enum: OperationStatus,
    enumName: 'OperationStatus',
    example: 'PENDING',
  })
  status!: OperationStatus;

  @ApiOutputField(() => String, { description: 'Subject of the requested group.', example: 'Kyoto in May' })
  @Cost({ bytes: 64 })
  subject!: string;

  @ApiOutputField(() => ID, { description: 'ID of the space of the requested group.', example: 'cams-acme' })
  @Cost({ bytes: 24 })
  custSpaceId!: string;

  @ApiOutputField(() => String, {
    description: 'Business number of the requested group.',
    example: '8613800000001',
  })
  @Cost({ bytes: 17 })
  businessNumber!: string;

  @ApiOutputField(() => GraphQLISODateTime, {
    description: 'Time of the create request.',
    example: '2026-05-01T08:00:00.000Z',
  })
  createdAt!: Date;

  @ApiOutputField(() => GraphQLISODateTime, {
    description: 'Time until which the operation can be read.',
    example: '2026-05-02T08:00:00.000Z',
  })
  expiresAt!: Date;

  @ApiOutputField(() => Int, {
    description: 'How many times the gateway has looked for the group.',
    example: 3,
  })
  attempts!: number;

  @ApiOutputField(() => String, {
    description:
      '`UniqueCode` that CAMS returned for the create request; useful when you contact CAMS support.',
    nullable: true,
    example: '8f2d1c7a',
  })
  uniqueCode!: string | null;

  @ApiOutputField(() => String, {
    description:
      'Details of the status: why the operation is pending or unresolved. Only null once it has succeeded.',
    nullable: true,
    example: 'CAMS accepted the create request, but does not list the group yet.',
  })
  @Cost({ bytes: 120 })
  detail!: string | null;

  @ApiOutputField(() => ChatGroup, {
    description: 'The group, once it is identified and as long as it exists.',
    nullable: true,
    example: null,
  })
  chatGroup!: ChatGroup | null;
}

/** An operation as the gateway stores it. */
interface StoredOperation {
  readonly id: string;
  readonly state: keyof typeof OperationStatus;
  readonly subject: string;
  readonly custSpaceId: string;
  readonly businessNumber: string;
  readonly preparedAtMs: number;
  readonly attempts?: number;
  readonly sent: boolean;
  readonly addConfirmed: boolean;
  readonly inconclusive?: boolean;
  /** Set once the group is found. */
  readonly row?: object;
  readonly uniqueCode?: string | undefined;
  readonly detail?: string | undefined;
}

/** Returns the operation as callers see it. */
export function toOperation(operation: StoredOperation, chatGroup: ChatGroup | null): ChatGroupOperation {
  const { id, state, subject, custSpaceId, businessNumber, preparedAtMs } = operation;
  return {
    id,
    status: OperationStatus[state],
    subject,
    custSpaceId,
    businessNumber,
    createdAt: new Date(preparedAtMs),
    expiresAt: new Date(preparedAtMs + DAY_MS),
    attempts: operation.attempts ?? 0,
    uniqueCode: operation.uniqueCode ?? null,
    detail: operation.detail ?? reasonFor(operation),
    chatGroup,
  };
}

function reasonFor({ state, sent, row, addConfirmed, inconclusive }: StoredOperation): string | null {
  if (state === 'SUCCEEDED') return null;
  if (state === 'UNRESOLVED') return 'No new group with this subject was found.';
  if (!sent) return 'The create request has not been sent to CAMS yet.';
  if (row) return 'The group was found, but its invite link has not been created yet.';
  if (inconclusive) return 'The groups could not be listed at the last attempt.';
  return addConfirmed
    ? 'CAMS accepted the create request, but does not list the group yet.'
    : 'CAMS did not confirm the create request, and does not list a new group with this subject yet.';
}
