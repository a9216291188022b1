import {
  BREAK,
  OperationTypeNode,
  getNamedType,
  getVariableValues,
  isInputObjectType,
  typeFromAST,
  visit,
} from 'graphql';
import { ResolvedQuery } from './resolved-query.js';
import type { CompiledResult, SelectedOperation, Variables } from './selected-operation.js';
import { type CompiledQuery as Compiled, compileQuery, isCompiledQuery } from 'graphql-jit';

/** One query of a document, compiled to a function. Its results are those of graphql-js. */
export class CompiledQuery {
  #resolved: ResolvedQuery | null | undefined;

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

  /** The form of the query that is resolved first, if it has one; compiled for who asks. */
  get resolved(): ResolvedQuery | undefined {
    this.#resolved ??= ResolvedQuery.compile(this.selected) ?? null;
    return this.#resolved ?? undefined;
  }

  /** The variables as the types have them; `undefined` if they do not fit: graphql-js says what is wrong with them. */
  coerce(given: Variables): Variables | undefined {
    const { schema, operation } = this.selected;
    return getVariableValues(schema, operation.variableDefinitions ?? [], given).coerced;
  }

  async execute(contextValue: object, variables: Variables): Promise<CompiledResult> {
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
