import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  Kind,
  SchemaMetaFieldDef,
  type SelectionNode,
  type SelectionSetNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
  type ValueNode,
  getNamedType,
  getNullableType,
  isCompositeType,
  isEnumType,
  isInterfaceType,
  isIntrospectionType,
  isListType,
  isObjectType,
} from 'graphql';
import { type FieldCost, costOf } from './field-cost.js';
import { introspectionCost } from './introspection-cost.js';
import type { SelectedOperation, Variables } from './selected-operation.js';
import { VariableValues } from './variable-values.js';

/** A selected field and the type that declares it. */
interface Selected {
  readonly node: FieldNode;
  readonly parentType: GraphQLCompositeType;
}

/** Where a selection is in the response. */
interface Place {
  /** How many objects the selection is made on. */
  readonly objects: number;
  /** Length of the lists of a page; `undefined` outside of one. */
  readonly rows: number | undefined;
  /** Size of the path that an error of a field reports. */
  readonly pathBytes: number;
}

/** Typical sizes of values as JSON. */
const BYTES: Readonly<Record<string, number>> = { Int: 6, Float: 12, Boolean: 5, DateTime: 26 };
const TEXT_BYTES = 40;
const ENUM_BYTES = 14;
const ELEMENTS = 10;
/** Quotes, colon and comma of a field; brackets and comma of an object or list. */
const FIELD_BYTES = 4;
const BRACKET_BYTES = 3;
const INDEX_BYTES = 3;
/** An error without its path. */
const ERROR_BYTES = 500;
const ENVELOPE_BYTES = 12;

/** Predicts the cost of an operation; `any` assumes the most expensive variables. The document must be valid. */
export class PredictedCost {
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #schema: GraphQLSchema;
  readonly #values: VariableValues;
  #calls = 0;
  #bytes = ENVELOPE_BYTES;
  /** Includes one call for each root field. */
  readonly upstreamCalls: number;
  /** Size of the response as JSON, with the fields that responses merge counted once. */
  readonly responseBytes: number;

  constructor(
    private readonly selected: SelectedOperation,
    variables: Variables | 'any',
  ) {
    this.#schema = selected.schema;
    this.#values = new VariableValues(selected.operation, variables);
    this.#fragments = new Map(
      selected.document.definitions.flatMap((node) =>
        node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [],
      ),
    );
    const roots = this.#rootSelection(this.#isIncluded);
    this.#calls = countOf(roots);
    this.#add(roots, { objects: 1, rows: undefined, pathBytes: 0 });
    this.upstreamCalls = this.#calls;
    this.responseBytes = Math.ceil(this.#bytes);
  }

  /** Names of the variables that the cost depends on. Complete only if predicted for `any` variables. */
  get dependsOn(): readonly string[] {
    return [...this.#values.used];
  }

  /** Returns the number of root fields, with fragments expanded, whatever `@skip` and `@include` say. `__typename` is free. */
  rootFields(): number {
    return countOf(this.#rootSelection(() => true));
  }

  #rootSelection(isCounted: (node: SelectionNode) => boolean): Selected[] {
    const { operation } = this.selected;
    const rootType = this.#schema.getRootType(operation.operation);
    return rootType ? this.#fields(operation.selectionSet, rootType, isCounted) : [];
  }

  #add(fields: readonly Selected[], place: Place): void {
    // Fields with the same response key are resolved once and merged.
    const byKey = Map.groupBy(fields, responseKey);
    for (const [key, [first, ...others]] of byKey) {
      const field = first && this.#fieldOf(first);
      if (field) this.#addField(key, field, [first, ...others], place);
    }
  }

  #addField(
    key: string,
    field: GraphQLField<unknown, unknown>,
    selected: readonly [Selected, ...Selected[]],
    { objects, rows, pathBytes }: Place,
  ): void {
    const [{ node, parentType }] = selected;
    const cost = isIntrospectionType(parentType)
      ? (introspectionCost(this.#schema)[field.name] ?? {})
      : costOf(field);
    this.#calls += ((cost.upstreamCalls ?? 0) + this.#elements(node, cost)) * objects;
    const before = this.#bytes;
    const ownPath = pathBytes + key.length + FIELD_BYTES;
    this.#bytes += objects * (key.length + FIELD_BYTES);
    const type = getNamedType(field.type);
    const isList = isListType(getNullableType(field.type));
    const values = objects * (isList ? (cost.elements ?? rows ?? ELEMENTS) : (cost.elements ?? 1));
    if (isList) this.#bytes += objects * BRACKET_BYTES;
    if (isCompositeType(type)) {
      this.#bytes += values * BRACKET_BYTES;
      const below = selected.flatMap((one) => this.#fieldsBelow(one.node, type));
      this.#add(below, {
        objects: values,
        rows: cost.rows ? this.#rows(node, cost.rows) : isList ? undefined : rows,
        pathBytes: ownPath + (isList ? INDEX_BYTES : 0),
      });
    } else {
      this.#bytes +=
        values * (cost.bytes ?? BYTES[type.name] ?? (isEnumType(type) ? ENUM_BYTES : TEXT_BYTES));
    }
    // A field that calls CAMS can fail for each object. An error is sent instead of the value.
    if (pathBytes === 0 || cost.upstreamCalls !== undefined)
      this.#bytes = Math.max(this.#bytes, before + objects * (ERROR_BYTES + ownPath));
  }

  #fieldOf({ node, parentType }: Selected): GraphQLField<unknown, unknown> | undefined {
    const name = node.name.value;
    if (name === TypeNameMetaFieldDef.name) return TypeNameMetaFieldDef;
    if (parentType === this.#schema.getQueryType()) {
      if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
      if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
    }
    const hasFields = isObjectType(parentType) || isInterfaceType(parentType);
    return hasFields ? parentType.getFields()[name] : undefined;
  }

  #fieldsBelow({ selectionSet }: FieldNode, type: GraphQLCompositeType): Selected[] {
    return selectionSet ? this.#fields(selectionSet, type) : [];
  }

  /** The document is validated, so fragments have no cycles and their types exist. */
  #fields(
    { selections }: SelectionSetNode,
    parentType: GraphQLCompositeType,
    isCounted: (node: SelectionNode) => boolean = this.#isIncluded,
  ): Selected[] {
    return selections.flatMap((node) => {
      if (!isCounted(node)) return [];
      if (node.kind === Kind.FIELD) return [{ node, parentType }];
      const fragment = node.kind === Kind.INLINE_FRAGMENT ? node : this.#fragments.get(node.name.value);
      if (!fragment) return [];
      const type = fragment.typeCondition && this.#schema.getType(fragment.typeCondition.name.value);
      return this.#fields(fragment.selectionSet, isCompositeType(type) ? type : parentType, isCounted);
    });
  }

  /** A condition that is null or unknown counts as included. */
  readonly #isIncluded = ({ directives = [] }: SelectionNode): boolean =>
    !directives.some(({ name, arguments: [condition] = [] }) => {
      const value = condition && this.#values.of(condition.value);
      return value === (name.value === 'skip');
    });

  #rows(node: FieldNode, rows: NonNullable<FieldCost['rows']>): number {
    const asked = (node.arguments ?? [])
      .filter(({ name }) => rows.arguments.includes(name.value))
      .flatMap(({ value }) => this.#number(value, rows.atMost) ?? []);
    // Validation rejects out-of-range values only later. Until then a negative size must not offset the cost of others.
    return asked.length === 0 ? rows.byDefault : Math.max(1, Math.min(rows.atMost, Math.max(...asked)));
  }

  #elements(node: FieldNode, { callsPerElement }: FieldCost): number {
    if (!callsPerElement) return 0;
    const { argument, atMost } = callsPerElement;
    const value = node.arguments?.find(({ name }) => name.value === argument)?.value;
    return Math.min(value ? this.#lengthOf(value, atMost) : atMost, atMost) - 1;
  }

  /** GraphQL takes a value that is not a list for a list of one. */
  #lengthOf(value: ValueNode, unknown: number): number {
    const list = this.#values.of(value) ?? undefined;
    if (list === undefined) return unknown;
    return Array.isArray(list) ? list.length : 1;
  }

  #number(value: ValueNode, atMost: number): number | undefined {
    const number = this.#values.of(value);
    if (value.kind === Kind.VARIABLE && this.#values.areUnknown) return atMost;
    return typeof number === 'number' ? number : undefined;
  }
}

function responseKey({ node }: Selected): string {
  return node.alias?.value ?? node.name.value;
}

/** Fields with the same response key are one. Clients add `__typename` everywhere, also to mutations, which may have only one field. */
function countOf(roots: readonly Selected[]): number {
  const counted = roots.filter(({ node }) => node.name.value !== TypeNameMetaFieldDef.name);
  return new Set(counted.map(responseKey)).size;
}
