import { type ExecutionResult, getVariableValues } from 'graphql';
import { type CompiledQuery as Compiled, compileQuery, isCompiledQuery } from 'graphql-jit';
import { type NormalizedOperation, normalizeOperation } from './normalize-operation.js';
import { ResolvedQuery } from './resolved-query.js';
import type { SelectedOperation, Variables } from '../graphql/selected-operation.js';

/** One query of a document, compiled to a function. Its results are those of graphql-js. */
export class CompiledQuery {
  #resolved: ResolvedQuery | null | undefined;

  private constructor(
    private readonly selected: Omit<SelectedOperation, 'document'>,
    private readonly compilable: NormalizedOperation,
    private readonly compiled: Compiled,
  ) {}

  /** `undefined` for what is left to graphql-js. */
  static compile(selected: SelectedOperation): CompiledQuery | undefined {
    const { schema, operation } = selected;
    const compilable = normalizeOperation(selected);
    const compiled = compilable && compileQuery(schema, compilable.document, operation.name?.value);
    if (!compiled || !isCompiledQuery(compiled)) return undefined;
    return new CompiledQuery({ schema, operation }, compilable, compiled);
  }

  /** How many there are, with fragments written out. */
  get selections(): number {
    return this.compilable.selections;
  }

  /** The form of the query that is resolved first, if it has one; compiled for who asks. */
  get resolved(): ResolvedQuery | undefined {
    this.#resolved ??= ResolvedQuery.compile(this.selected.schema, this.compilable) ?? null;
    return this.#resolved ?? undefined;
  }

  /** The variables as the types have them; `undefined` if they do not fit: graphql-js says what is wrong with them. */
  coerce(given: Variables): Variables | undefined {
    const { schema, operation } = this.selected;
    const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], given);
    if (!coerced) return undefined;
    const { conditions, literals } = this.compilable;
    // A variable with a default may be null where a condition may not.
    if (conditions.some((name) => typeof coerced[name] !== 'boolean')) return undefined;
    return Object.assign(coerced, literals);
  }

  /** `variables` are those of {@link coerce}. */
  async execute(contextValue: object, variables: Variables): Promise<ExecutionResult> {
    return this.compiled.query(undefined, contextValue, variables);
  }
}
