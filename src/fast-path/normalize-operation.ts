import {
  BREAK,
  type DocumentNode,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  typeFromAST,
  visit,
} from 'graphql';
import { racesForErrors } from './error-races.js';
import { inlineFragments, mergesConditionally } from './inline-fragments.js';
import { isPlainType, extractLiterals } from './extract-literals.js';
import type { SelectedOperation } from '../graphql/selected-operation.js';

/** An operation in the form in which the compiler is right about it, and in which no value of the caller is left. */
export interface NormalizedOperation {
  readonly operation: OperationDefinitionNode;
  /** How many there are. */
  readonly selections: number;
  /** The operation alone. */
  readonly document: DocumentNode;
  /** Variables of `@skip` and `@include`. */
  readonly conditions: readonly string[];
  /** Values of the variables that stand for the literals. */
  readonly literals: Readonly<Record<string, unknown>>;
}

/** `undefined` for what has to be left to graphql-js, because the compiler answers it otherwise. */
export function normalizeOperation(selected: SelectedOperation): NormalizedOperation | undefined {
  const { schema, operation } = selected;
  // In a mutation an argument that was left out would be null.
  if (operation.operation !== OperationTypeNode.QUERY) return undefined;
  const declared = operation.variableDefinitions ?? [];
  if (!declared.every(({ type }) => isPlainType(typeFromAST(schema, type)))) return undefined;
  const flat = withoutFragments(selected);
  if (mergesConditionally([flat.selectionSet]) || racesForErrors(schema, flat)) return undefined;
  const lifted = extractLiterals(schema, flat);
  if (!lifted || namesPrototype(lifted.operation)) return undefined;
  const document = { kind: Kind.DOCUMENT, definitions: [lifted.operation] } as const;
  return { ...lifted, document, selections: countSelections(lifted.operation) };
}

function withoutFragments({ document, operation }: SelectedOperation): OperationDefinitionNode {
  const fragments = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [],
    ),
  );
  return { ...operation, selectionSet: inlineFragments(operation.selectionSet, fragments) };
}

function countSelections(operation: OperationDefinitionNode): number {
  let count = 0;
  visit(operation, {
    Field: () => {
      count += 1;
    },
  });
  return count;
}

/** The compiler makes properties of names; this one would set a prototype. */
function namesPrototype(operation: OperationDefinitionNode): boolean {
  let found = false;
  visit(operation, {
    Name: ({ value }) => {
      if (value !== '__proto__') return undefined;
      found = true;
      return BREAK;
    },
  });
  return found;
}
