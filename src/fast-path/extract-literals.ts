import {
  type ArgumentNode,
  type GraphQLInputType,
  type GraphQLSchema,
  type GraphQLType,
  Kind,
  type NameNode,
  type OperationDefinitionNode,
  TypeInfo,
  type VariableDefinitionNode,
  getNullableType,
  isEnumType,
  isScalarType,
  isSpecifiedScalarType,
  parseType,
  valueFromAST,
  visit,
  visitWithTypeInfo,
} from 'graphql';

/** An operation with variables in place of its literals and defaults. */
export interface ExtractedLiterals {
  readonly operation: OperationDefinitionNode;
  /** Values of the literals, by variable. */
  readonly literals: Readonly<Record<string, unknown>>;
  /** Variables of `@skip` and `@include`. */
  readonly conditions: readonly string[];
}

/**
 * Takes every value of the caller out of an operation. graphql-jit writes literals into the source of its function and
 * then replaces what looks like one of its marks, so that a string could become code of the caller; beside that, it
 * coerces them in its own way. `undefined` if a value is not plain. Directives with literals are to be decided before.
 */
export function extractLiterals(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
): ExtractedLiterals | undefined {
  const typeInfo = new TypeInfo(schema);
  const lifting = new Lifting(operation.variableDefinitions ?? []);
  const conditions = new Set<string>();
  const lifted = visit(
    operation,
    visitWithTypeInfo(typeInfo, {
      VariableDefinition: () => false,
      Directive: ({ arguments: given = [] }) => {
        for (const { value } of given) if (value.kind === Kind.VARIABLE) conditions.add(value.name.value);
        return false;
      },
      Argument: (node) => lifting.lift(node, typeInfo.getArgument()?.type),
    }),
  );
  if (!lifting.plain) return undefined;
  const variableDefinitions = lifting.definitions(conditions);
  return {
    operation: { ...lifted, variableDefinitions },
    literals: lifting.literals,
    conditions: [...conditions],
  };
}

/** Whether a value of the type that was coerced once stays the same when it is coerced again. */
export function isPlainType(type: GraphQLType | undefined): boolean {
  const named = getNullableType(type);
  if (isEnumType(named)) return named.getValues().every(({ name, value }) => value === name);
  return isScalarType(named) && isSpecifiedScalarType(named);
}

class Lifting {
  readonly literals: Record<string, unknown> = {};
  readonly #definitions: VariableDefinitionNode[] = [];
  readonly #taken: ReadonlySet<string>;
  plain = true;

  constructor(private readonly declared: readonly VariableDefinitionNode[]) {
    this.#taken = new Set(declared.map(({ variable }) => variable.name.value));
  }

  lift(node: ArgumentNode, type: GraphQLInputType | null | undefined): ArgumentNode | undefined {
    if (node.value.kind === Kind.VARIABLE) return undefined;
    const value = type && isPlainType(type) ? valueFromAST(node.value, type) : undefined;
    if (!type || value === undefined) {
      this.plain = false;
      return undefined;
    }
    const name: NameNode = { kind: Kind.NAME, value: this.#freeName() };
    const variable = { kind: Kind.VARIABLE, name, ...(node.value.loc && { loc: node.value.loc }) } as const;
    this.literals[name.value] = value;
    this.#definitions.push({ kind: Kind.VARIABLE_DEFINITION, variable, type: parseType(String(type)) });
    return { ...node, value: variable };
  }

  /** Without defaults, which graphql-js has put in before; a condition that is null is left to graphql-js. */
  definitions(conditions: ReadonlySet<string>): VariableDefinitionNode[] {
    const declared = this.declared.map((definition) => ({
      ...definition,
      defaultValue: undefined,
      ...(conditions.has(definition.variable.name.value) && { type: parseType('Boolean!') }),
    }));
    return [...declared, ...this.#definitions];
  }

  #freeName(): string {
    let number = this.#definitions.length;
    while (this.#taken.has(`literal${number}`) || `literal${number}` in this.literals) number += 1;
    return `literal${number}`;
  }
}
