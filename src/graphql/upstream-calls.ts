import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLOutputType,
  Kind,
  type SelectionSetNode,
  type ValueNode,
  getNamedType,
  isCompositeType,
  isObjectType,
} from 'graphql';
import { type FieldCost, costOf } from './field-cost.js';
import type { SelectedOperation, Variables } from './selected-operation.js';

/** A selected field and the type that declares it. */
interface Selected {
  readonly node: FieldNode;
  readonly parentType: GraphQLCompositeType;
}

/** Predicts the upstream calls of an operation; `any` assumes the most expensive variables. */
export class UpstreamCalls {
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;

  constructor(
    private readonly selected: SelectedOperation,
    private readonly variables: Variables | 'any',
  ) {
    this.#fragments = new Map(
      selected.document.definitions.flatMap((node) =>
        node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [],
      ),
    );
  }

  /** Returns the root fields of the operation, with fragments expanded. */
  rootFields(): readonly FieldNode[] {
    return this.#rootSelection().map(({ node }) => node);
  }

  /** Returns one call per root field, plus the calls of the fields below it. */
  predicted(): number {
    const roots = this.#rootSelection();
    return roots.length + this.#callsOf(roots, 1);
  }

  #rootSelection(): Selected[] {
    const { schema, operation } = this.selected;
    const rootType = schema.getRootType(operation.operation);
    return rootType ? this.#fields(operation.selectionSet, rootType) : [];
  }

  #callsOf(fields: readonly Selected[], objects: number): number {
    return fields.reduce((sum, { node, parentType }) => {
      const field = isObjectType(parentType) ? parentType.getFields()[node.name.value] : undefined;
      if (!field) return sum;
      const cost = costOf(field);
      const below = this.#fieldsBelow(node, field.type);
      return (
        sum + (cost.upstreamCalls ?? 0) * objects + this.#callsOf(below, objects * this.#rows(node, cost))
      );
    }, 0);
  }

  #fieldsBelow({ selectionSet }: FieldNode, type: GraphQLOutputType): Selected[] {
    const named = getNamedType(type);
    return selectionSet && isCompositeType(named) ? this.#fields(selectionSet, named) : [];
  }

  /** The document is validated, so fragments have no cycles and their types exist. */
  #fields({ selections }: SelectionSetNode, parentType: GraphQLCompositeType): Selected[] {
    return selections.flatMap((node) => {
      if (node.kind === Kind.FIELD) return [{ node, parentType }];
      const fragment = node.kind === Kind.INLINE_FRAGMENT ? node : this.#fragments.get(node.name.value);
      if (!fragment) return [];
      const type = fragment.typeCondition && this.selected.schema.getType(fragment.typeCondition.name.value);
      return this.#fields(fragment.selectionSet, isCompositeType(type) ? type : parentType);
    });
  }

  #rows(node: FieldNode, { rows }: FieldCost): number {
    if (!rows) return 1;
    const asked = (node.arguments ?? [])
      .filter(({ name }) => rows.arguments.includes(name.value))
      .flatMap(({ value }) => this.#number(value, rows.atMost) ?? []);
    // Validation rejects out-of-range values only later. Until then a negative size must not offset the cost of others.
    return asked.length === 0 ? rows.byDefault : Math.max(1, Math.min(rows.atMost, Math.max(...asked)));
  }

  #number(value: ValueNode, atMost: number): number | undefined {
    if (value.kind === Kind.INT) return Number(value.value);
    if (value.kind !== Kind.VARIABLE) return undefined;
    if (this.variables === 'any') return atMost;
    const name = value.name.value;
    // A variable may be named `constructor`, which every object inherits.
    const given = Object.hasOwn(this.variables, name) ? this.variables[name] : undefined;
    const number = given ?? this.#default(name);
    return typeof number === 'number' ? number : undefined;
  }

  #default(name: string): number | undefined {
    const value = this.selected.operation.variableDefinitions?.find(
      ({ variable }) => variable.name.value === name,
    )?.defaultValue;
    return value?.kind === Kind.INT ? Number(value.value) : undefined;
  }
}
