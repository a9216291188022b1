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
  description: 'What is known of a create.',
  valuesMap: {
    SUCCEEDED: { description: 'The group exists and is known.' },
    PENDING: { description: 'The create was sent; its group is not known yet.' },
    UNRESOLVED: { description: 'Its group was not found within the window; `detail` says more.' },
  },
});

@ObjectType({ description: 'A create, and what became of it.' })
export class ChatGroupOperation {
  @ApiOutputField(() => ID, { description: 'Id of the operation.', example: 'op_1b9d6bcd' })
  id!: string;

  @ApiOutputField(() => OperationStatus, {
    description: 'Status.',
    enum: OperationStatus,
    enumName: 'OperationStatus',
  })
  status!: OperationStatus;

  @ApiOutputField(() => String, { description: 'More about the status.', nullable: true })
  detail!: string | null;

  @ApiOutputField(() => ChatGroup, {
    description: 'The group, once it is known and while it exists.',
    nullable: true,
  })
  chatGroup!: ChatGroup | null;
}

/** The operation as callers see it. */
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
