import { type ExecutionResult, type GraphQLError, getVariableValues } from 'graphql';
import { type CompiledQuery as Compiled, compileQuery, isCompiledQuery } from 'graphql-jit';
import { type CompilableOperation, compilableOperation } from './compilable-operation.js';
import type { SelectedOperation } from './selected-operation.js';

/** What graphql-js' `execute` would have returned: `errors` as they were thrown, not formatted yet. */
export interface CompiledResult {
  readonly data: ExecutionResult['data'];
  readonly errors?: readonly GraphQLError[];
}

/** One query of a document, compiled to a function. Its results are those of graphql-js. */
export class CompiledQuery {
  private constructor(
    private readonly selected: Omit<SelectedOperation, 'document'>,
    private readonly compilable: CompilableOperation,
    private readonly compiled: Compiled,
  ) {}

  /** `undefined` for what is left to graphql-js. */
  static compile(selected: SelectedOperation): CompiledQuery | undefined {
    const { schema, operation } = selected;
    const compilable = compilableOperation(selected);
    const compiled = compilable && compileQuery(schema, compilable.document, operation.name?.value);
    if (!compiled || !isCompiledQuery(compiled)) return undefined;
    return new CompiledQuery({ schema, operation }, compilable, compiled);
  }

  /** `undefined` if the variables do not fit: nothing was executed, and graphql-js says what is wrong with them. */
  run(
    contextValue: object,
    variables: Readonly<Record<string, unknown>>,
  ): Promise<CompiledResult> | undefined {
    const { schema, operation } = this.selected;
    const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
    if (!coerced) return undefined;
    const { conditions, literals } = this.compilable;
    // A variable with a default may be null where a condition may not.
    if (conditions.some((name) => typeof coerced[name] !== 'boolean')) return undefined;
    return this.#execute(contextValue, Object.assign(coerced, literals));
  }

  async #execute(contextValue: object, variables: Record<string, unknown>): Promise<CompiledResult> {
    const { data, errors } = await this.compiled.query(undefined, contextValue, variables);
    return { data, ...(errors && errors.length > 0 && { errors }) };
  }
}
