import { Extensions } from '@nestjs/graphql';
import type { GraphQLField } from 'graphql';

/** Cost of a field, used to predict the upstream calls and the size of the response of a document. */
export interface FieldCost {
  /** Calls per object that the field is selected on. */
  readonly upstreamCalls?: number;
  /** One call per element of this list argument, beyond the first; `atMost` if its length is not known. */
  readonly callsPerElement?: { readonly argument: string; readonly atMost: number };
  /** Length of the lists of a page: the arguments that set it, its default and its maximum. */
  readonly rows?: {
    readonly arguments: readonly string[];
    readonly byDefault: number;
    readonly atMost: number;
  };
  /** Typical number of elements of a list that is not a page. */
  readonly elements?: number;
  /** Typical size of a value as JSON. Default: that of its type, see `predicted-cost.ts`. */
  readonly bytes?: number;
}

/** Declares the cost of a query at its resolver, or of a field at its resolver or its property. */
export function Cost(cost: FieldCost): MethodDecorator & PropertyDecorator {
  return Extensions({ cost });
}

export function costOf({ extensions }: Pick<GraphQLField<unknown, unknown>, 'extensions'>): FieldCost {
  return (extensions['cost'] as FieldCost | undefined) ?? {};
}
