import { ID, ObjectType, registerEnumType } from '@nestjs/graphql';
import { ApiOutputField } from '../../openapi/api-field.js';
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
    UNRESOLVED: { description: 'The group was not found within the time window; see `detail`.' },
  },
});

@ObjectType({ description: 'A create operation and its status.' })
export class ChatGroupOperation {
  @ApiOutputField(() => ID, { description: 'Operation ID.', example: 'op_1b9d6bcd' })
  id!: string;

  @ApiOutputField(() => OperationStatus, {
    description: 'Status.',
    enum: OperationStatus,
    enumName: 'OperationStatus',
  })
  status!: OperationStatus;

  @ApiOutputField(() => String, { description: 'Details of the status.', nullable: true })
  detail!: string | null;

  @ApiOutputField(() => ChatGroup, {
    description: 'The group, once it is identified and as long as it exists.',
    nullable: true,
  })
  chatGroup!: ChatGroup | null;
}

/** Returns the operation as callers see it. */
export function toOperation(
  operation: {
    readonly id: string;
    readonly state: keyof typeof OperationStatus;
    readonly detail?: string | undefined;
  },
  chatGroup: ChatGroup | null,
): ChatGroupOperation {
  return {
    id: operation.id,
    status: OperationStatus[operation.state],
    detail: operation.detail ?? null,
    chatGroup,
  };
}
