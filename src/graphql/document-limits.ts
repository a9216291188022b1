import type { ApolloServerPlugin } from '@apollo/server';
import {
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import { GatewayError } from '../common/errors.js';
import { errorFields } from '../common/error-rendering.js';
import { currentRequest } from '../common/request-context.js';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '../common/connection.js';
import type { SelectedOperation } from './selected-operation.js';

const MAX_ROOT_FIELDS = 5;
const MAX_MUTATIONS = 1;
const MAX_LABEL = 100;
/** Upstream calls that one document may cause: each costs a share of the account's quota. */
export const MAX_UPSTREAM_CALLS = 60;

type Variables = Readonly<Record<string, unknown>>;

/** Refuses documents with too many root fields, more than one mutation, or too many predicted upstream calls. */
export function documentLimits(): ApolloServerPlugin {
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ schema, document, operation, request }) => {
        const context = currentRequest.getStore();
        if (context && operation) context.operation = operationLabel(operation);
        const refusal =
          document && operation && judge({ schema, document, operation }, request.variables ?? {});
        if (refusal !== undefined) throw refused(refusal);
      },
    }),
  };
}

/** Whether no variables could take a request with this document beyond its limits. */
export function isAlwaysWithinLimits(selected: SelectedOperation): boolean {
  return judge(selected, 'any') === undefined;
}

/** Name of the operation, else of its root fields, for the log; a caller may have put a phone number into it. */
export function operationLabel({ name, selectionSet }: OperationDefinitionNode): string {
  const fields = selectionSet.selections.flatMap((node) =>
    node.kind === Kind.FIELD ? [node.name.value] : [],
  );
  return (name?.value ?? fields.join(',')).replace(/\d{5,}/g, '*****').slice(0, MAX_LABEL);
}

function judge(
  { schema, document, operation }: SelectedOperation,
  variables: Variables | 'any',
): string | undefined {
  if (!schema.getRootType(operation.operation)) return `There is no ${operation.operation}.`;
  const fragments = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [],
    ),
  );
  const walk = new Walk(fragments, variables, operation);
  const roots = walk.fields(operation.selectionSet);
  const limit = operation.operation === OperationTypeNode.MUTATION ? MAX_MUTATIONS : MAX_ROOT_FIELDS;
  if (roots.length > limit) {
    return `A document may have ${limit} root ${limit === 1 ? 'field' : 'fields'} of this kind; this one has ${roots.length}.`;
  }
  const calls = walk.calls(operation.selectionSet, 1);
  if (calls <= MAX_UPSTREAM_CALLS) return undefined;
  return `The document would cause about ${calls} upstream calls; ${MAX_UPSTREAM_CALLS} are allowed. Ask for fewer participants at once.`;
}

class Walk {
  constructor(
    private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>,
    private readonly variables: Variables | 'any',
    private readonly operation: OperationDefinitionNode,
  ) {}

  /** Fields of a selection, fragments spread; the document is validated, so there are no cycles. */
  fields({ selections }: SelectionSetNode): FieldNode[] {
    return selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD) return [selection];
      if (selection.kind === Kind.INLINE_FRAGMENT) return this.fields(selection.selectionSet);
      const fragment = this.fragments.get(selection.name.value);
      return fragment ? this.fields(fragment.selectionSet) : [];
    });
  }

  /** Predicted upstream calls: one for each group asked for its participants, and one for each other root field. */
  calls(selection: SelectionSetNode, groups: number): number {
    return this.fields(selection).reduce(
      (sum, field) => {
        const own = field.name.value === 'participants' ? groups : 0;
        const inner = field.selectionSet ? this.calls(field.selectionSet, groups * this.#groups(field)) : 0;
        return sum + own + inner;
      },
      selection === this.operation.selectionSet ? this.fields(selection).length : 0,
    );
  }

  #groups(field: FieldNode): number {
    if (field.name.value !== 'chatGroups') return 1;
    const asked = (field.arguments ?? [])
      .filter(({ name }) => name.value === 'first' || name.value === 'last')
      .flatMap(({ value }) => this.#number(value) ?? []);
    // Validation refuses what is out of bounds, but later: until then a negative page must not pay for another one.
    return asked.length === 0 ? DEFAULT_PAGE_SIZE : Math.max(1, Math.min(MAX_PAGE_SIZE, Math.max(...asked)));
  }

  #number(value: ValueNode): number | undefined {
    if (value.kind === Kind.INT) return Number(value.value);
    if (value.kind !== Kind.VARIABLE) return undefined;
    if (this.variables === 'any') return MAX_PAGE_SIZE;
    const given = this.variables[value.name.value] ?? this.#default(value.name.value);
    return typeof given === 'number' ? given : undefined;
  }

  #default(name: string): number | undefined {
    const value = this.operation.variableDefinitions?.find(
      ({ variable }) => variable.name.value === name,
    )?.defaultValue;
    return value?.kind === Kind.INT ? Number(value.value) : undefined;
  }
}

function refused(detail: string): GraphQLError {
  const fields = errorFields(
    new GatewayError('QUERY_REFUSED', detail),
    currentRequest.getStore()?.requestId ?? '',
  );
  return new GraphQLError(detail, { extensions: { ...fields, http: { status: 400 } } });
}
