import {
  BREAK,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
  OperationTypeNode,
  getNamedType,
  getVariableValues,
  isInputObjectType,
  typeFromAST,
  visit,
} from 'graphql';
import { type CompiledQuery as Compiled, compileQuery, isCompiledQuery } from 'graphql-jit';

/** A validated document, and which of its operations is meant. */
export interface SelectedOperation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

/** What graphql-js' `execute` would have returned: `errors` as they were thrown, not formatted yet. */
export interface CompiledResult {
  readonly data: ExecutionResult['data'];
  readonly errors?: readonly GraphQLError[];
}

/** One query of a document, compiled to a function. Its results are those of graphql-js. */
export class CompiledQuery {
  private constructor(
    readonly selected: SelectedOperation,
    private readonly compiled: Compiled,
  ) {}

  /**
   * `undefined` for what is left to graphql-js: mutations, since the compiler takes an argument that was left out for
   * null; input objects, since it knows no defaults of their fields; and whatever it cannot compile.
   */
  static compile(selected: SelectedOperation): CompiledQuery | undefined {
    const { schema, document, operation } = selected;
    if (operation.operation !== OperationTypeNode.QUERY || takesInputObjects(selected)) return undefined;
    const compiled = compileQuery(schema, document, operation.name?.value);
    return isCompiledQuery(compiled) ? new CompiledQuery(selected, compiled) : undefined;
  }

  /** `undefined` if the variables do not fit: nothing was executed, and graphql-js says what is wrong with them. */
  run(
    contextValue: object,
    variables: Readonly<Record<string, unknown>>,
  ): Promise<CompiledResult> | undefined {
    const { schema, operation } = this.selected;
    const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
    return coerced && this.#execute(contextValue, coerced);
  }

  async #execute(contextValue: object, variables: Record<string, unknown>): Promise<CompiledResult> {
    const { data, errors } = await this.compiled.query(undefined, contextValue, variables);
    return { data, ...(errors && errors.length > 0 && { errors }) };
  }
}

function takesInputObjects({ schema, document, operation }: SelectedOperation): boolean {
  const declared = (operation.variableDefinitions ?? []).map(({ type }) => typeFromAST(schema, type));
  if (declared.some((type) => isInputObjectType(getNamedType(type)))) return true;
  let found = false;
  visit(document, {
    ObjectValue: () => {
      found = true;
      return BREAK;
    },
  });
  return found;
}
