import {
  type ExecutionResult,
  GraphQLError,
  execute,
  getArgumentValues,
  getVariableValues,
  parse,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { memoOf } from '../cache/listing-memo.js';
import type { ErrorFilter } from '../errors/error.filter.js';
import { isWithinLimits } from '../graphql/document-limits.plugin.js';
import { formatResult } from '../graphql/format-result.js';
import type { Variables } from '../graphql/selected-operation.js';
import type { GraphqlContext } from '../request/graphql-context.js';
import type { Metrics } from '../telemetry/metrics.js';
import { standaloneBuffer } from '../util/standalone-buffer.js';
import type { AdmittedQuery } from './admitted-queries.plugin.js';
import { type CompiledQuery, type RootField, compile } from './compiled-query.js';
import type { FastHandlerCall } from './fast-handlers.js';
import { RecordedResults, type RecordingContext } from './recorded-results.js';

/** A query with its variables, ready for execution. */
interface PreparedQuery {
  readonly query: AdmittedQuery;
  readonly compiled: CompiledQuery;
  readonly given: Variables;
  readonly coerced: Variables;
}

/** A compiled query with the maximum number of selections takes 250 KB, a typical list query 4 KB. */
const MAX_COMPILED = 300;

/**
 * Executes admitted queries: root fields with their handlers, the rest as a compiled function. If anything fails,
 * graphql-js executes the query again with the same results: the errors come from it, and nothing is called twice.
 */
export class QueryExecution {
  /** `null` if left to Apollo. */
  readonly #compiled = new LRUCache<string, { readonly query: CompiledQuery | null }>({ max: MAX_COMPILED });

  constructor(
    private readonly handlers: ReadonlyMap<string, FastHandlerCall>,
    private readonly errors: ErrorFilter,
    private readonly metrics: Metrics,
  ) {}

  /** Prepares a query. `undefined` if it is left to Apollo, which then rejects or executes it. */
  prepare(query: AdmittedQuery, given: Variables): PreparedQuery | undefined {
    const { schema, operation, isAlwaysWithinLimits } = query;
    const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], given);
    if (!coerced || !(isAlwaysWithinLimits || isWithinLimits(query, given))) return undefined;
    const compiled = this.#compile(query, coerced);
    return compiled && { query, compiled, given, coerced };
  }

  /** Executes the query and returns the body of the response. */
  async execute(prepared: PreparedQuery, context: GraphqlContext): Promise<Buffer> {
    const { compiled: fast, interpreted } = this.metrics.graphqlQueries;
    const { compiled, coerced } = prepared;
    const values = await Promise.all(compiled.roots.map((root) => this.#resolve(root, coerced, context)));
    const memo = compiled.callsResolvers || values.length > 1 ? undefined : memoOf(values[0]);
    // A compiled query renders the same value in the same way, regardless of its variables.
    const known = memo?.get(compiled);
    if (known) {
      fast.inc();
      return known as Buffer;
    }
    const recorded = new RecordedResults();
    compiled.roots.forEach(({ responseKey }, index) => recorded.set(undefined, responseKey, values[index]));
    const recording = { ...context, recorded };
    const failed = values.some((value) => value instanceof Error);
    const result = failed ? undefined : await compiled.execute(recording);
    if (!result || result.errors) {
      interpreted.inc();
      return bodyOf(await interpret(prepared, recording));
    }
    fast.inc();
    const body = bodyOf(result);
    memo?.keep(compiled, body, body.length);
    return body;
  }

  /** Returns the value of a root field, or the error to report for it. */
  async #resolve(
    { field, node }: RootField,
    variables: Variables,
    context: GraphqlContext,
  ): Promise<unknown> {
    const { req: request, reply } = context;
    try {
      const args = getArgumentValues(field, node, variables);
      return await this.handlers.get(field.name)?.({ request, reply, args });
    } catch (error) {
      return error instanceof GraphQLError ? error : this.errors.ofField(error, request);
    }
  }

  #compile(query: AdmittedQuery, variables: Variables): CompiledQuery | undefined {
    const key = [query.id, ...query.conditions.map((name) => variables[name])].join(' ');
    const known = this.#compiled.get(key);
    if (known) return known.query ?? undefined;
    const compiled = compile(query, variables);
    const isFast = compiled?.roots.every(({ field }) => this.handlers.has(field.name)) === true;
    this.#compiled.set(key, { query: isFast ? compiled : null });
    return isFast ? compiled : undefined;
  }
}

/** Executes with graphql-js over the recorded results. Parses the text again, because errors include locations. */
async function interpret({ query, given }: PreparedQuery, contextValue: RecordingContext) {
  const { schema, operationName } = query;
  return execute({
    schema,
    document: parse(query.query),
    operationName,
    contextValue,
    variableValues: given,
  });
}

/** Serialises a result like Apollo. */
function bodyOf(result: ExecutionResult): Buffer {
  return standaloneBuffer(`${JSON.stringify(formatResult(result))}\n`);
}
