import { Extensions } from '@nestjs/graphql';
import type { GraphQLField } from 'graphql';

/** Upstream cost of a field, used to predict the upstream calls of a document. */
export interface FieldCost {
  /** Calls per object that the field is selected on. */
  readonly upstreamCalls?: number;
  /** Length of a list: the arguments that set it, its default and its maximum. */
  readonly rows?: {
    readonly arguments: readonly string[];
    readonly byDefault: number;
    readonly atMost: number;
  };
}

/** Declares the cost of a query or field at its resolver. */
export function Cost(cost: FieldCost): MethodDecorator {
  return Extensions({ cost });
}

export function costOf({ extensions }: Pick<GraphQLField<unknown, unknown>, 'extensions'>): FieldCost {
  return (extensions['cost'] as FieldCost | undefined) ?? {};
}
