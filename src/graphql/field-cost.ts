import { Extensions } from '@nestjs/graphql';
import type { GraphQLField } from 'graphql';

/** What a field costs upstream, for the limit of predicted calls of a document. */
export interface FieldCost {
  /** Calls for each object that the field is selected on. */
  readonly upstreamCalls?: number;
  /** How many objects a list holds: the arguments that say so, the number without any, and the most. */
  readonly rows?: {
    readonly arguments: readonly string[];
    readonly byDefault: number;
    readonly atMost: number;
  };
}

/** Declares the cost of a query or a field beside its resolver. */
export function Cost(cost: FieldCost): MethodDecorator {
  return Extensions({ cost });
}

export function costOf({ extensions }: Pick<GraphQLField<unknown, unknown>, 'extensions'>): FieldCost {
  return (extensions['cost'] as FieldCost | undefined) ?? {};
}
