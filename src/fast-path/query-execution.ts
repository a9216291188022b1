import {
  type ExecutionResult,
  GraphQLError,
  execute,
  getArgumentValues,
  getVariableValues,
  parse,
} from 'graphql';
import { memoOf, withMemo } from '../cache/listing-memo.js';
import type { ErrorFilter } from '../errors/error.filter.js';
import { sizeFault } from '../graphql/bounded-result.js';
import { formatResult } from '../graphql/format-result.js';
import type { Variables } from '../graphql/selected-operation.js';
import type { GraphqlContext } from '../request/graphql-context.js';
import type { CountedRequests } from '../request/tenant-usage.js';
import type { LoadShedding } from '../telemetry/load-shedding.js';
import type { Metrics } from '../telemetry/metrics.js';
import { FairCache } from '../util/fair-cache.js';
import { jsonName } from '../util/json-name.js';
import { jsonLine } from '../util/json-line.js';
import type { AdmittedQuery } from './admitted-queries.plugin.js';
import { type CompiledQuery, type RootField, compile } from './compiled-query.js';
import type { FastHandlerCall } from './fast-handlers.js';
import { RecordedResults, type RecordingContext } from './recorded-results.js';

/** A query with its variables, ready for execution, and how many requests it counts as. */
interface PreparedQuery extends CountedRequests {
  readonly query: AdmittedQuery;
  readonly compiled: CompiledQuery;
  readonly given: Variables;
  readonly coerced: Variables;
  readonly roots: readonly (RootField & { args?: Variables })[];
}

interface Compiled {
  /** `undefined` if left to Apollo. */
  readonly compiled: CompiledQuery | undefined;
  /** By variables, which clients repeat. */
  readonly prepared: Map<string, PreparedQuery>;
}

/** A compiled query with the maximum number of selections takes 250 KB, a typical list query 4 KB. */
const MAX_COMPILED = 300;
/** Choices of variables that are remembered for a compiled query. */
const MAX_PREPARED = 32;
const MAX_PREPARED_CHARACTERS = 300;
/** Apollo reports the errors of variables. */
const ONE_ERROR = { maxErrors: 1 };

/**
 * Executes admitted queries: root fields with their handlers, the rest as a compiled function. If anything fails,
 * graphql-js executes the query again with the same results: the errors come from it, and nothing is called twice.
 */
export class QueryExecution {
  readonly #compiled = new FairCache<Compiled>({ maxSize: MAX_COMPILED });

  constructor(
    private readonly handlers: ReadonlyMap<string, FastHandlerCall>,
    private readonly errors: ErrorFilter,
    private readonly metrics: Metrics,
    private readonly shedding: LoadShedding,
  ) {}

  /** Prepares a query. `undefined` if it is left to Apollo, which then rejects or executes it. */
  prepare(tenantId: string, query: AdmittedQuery, given: Variables): PreparedQuery | undefined {
    const { schema, operation, cost, conditions } = query;
    const name = jsonName(given);
    if (name === undefined) return undefined;
    const known = conditions.length === 0 && this.#compiled.get(String(query.id))?.prepared.get(name);
    if (known) return known;
    const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], given, ONE_ERROR);
    if (!coerced) return undefined;
    const { refusal, units, places } = cost.of(given);
    if (refusal !== undefined) return undefined;
    const { compiled, prepared } = this.#compile(tenantId, query, coerced);
    if (!compiled) return undefined;
    const roots = compiled.roots.map((root) => ({ ...root }));
    const fresh = { query, compiled, units, places, given, coerced, roots };
    if (prepared.size >= MAX_PREPARED) prepared.clear();
    if (name.length <= MAX_PREPARED_CHARACTERS) prepared.set(name, fresh);
    return fresh;
  }

  /** Executes the query and returns the body of the response. Throws if it is too large, or too much to do now. */
  async execute(prepared: PreparedQuery, context: GraphqlContext): Promise<Buffer> {
    const { compiled: fast, interpreted } = this.metrics.graphqlQueries;
    const { compiled, roots } = prepared;
    const { held } = context.req.gateway;
    // The response to several fields is not memoized.
    if (roots.length === 1) held?.allowSuspension();
    const values = await Promise.all(roots.map((root) => this.#resolve(root, prepared, context)));
    const memo = compiled.callsResolvers || values.length > 1 ? undefined : memoOf(values[0]);
    // A compiled query renders the same value in the same way, regardless of its variables.
    const known = memo?.get(compiled);
    if (known) {
      fast.inc();
      return known as Buffer;
    }
    held?.requirePlace();
    if (prepared.units > 1) await this.shedding.turn(context.req.gateway);
    const recorded = new RecordedResults();
    compiled.roots.forEach(({ responseKey }, index) => recorded.set(undefined, responseKey, values[index]));
    const recording = { ...context, recorded };
    const failed = values.some((value) => value instanceof Error);
    const executed = failed ? undefined : compiled.execute(recording);
    // Readers that arrive together share what the first one renders, as long as nothing is awaited in between.
    const result = executed instanceof Promise ? await executed : executed;
    if (!result || result.errors) {
      interpreted.inc();
      return bodyOf(await interpret(prepared, recording));
    }
    fast.inc();
    const body = bodyOf(result);
    if (!memo) return body;
    memo.keep(compiled, body, body.length);
    return withMemo(body, memo);
  }

  /** Returns the value of a root field, or the error to report for it. */
  async #resolve(
    root: PreparedQuery['roots'][number],
    { coerced }: PreparedQuery,
    context: GraphqlContext,
  ): Promise<unknown> {
    const { req: request, reply } = context;
    try {
      const args = (root.args ??= getArgumentValues(root.field, root.node, coerced));
      return await this.handlers.get(root.field.name)?.({ request, reply, args });
    } catch (error) {
      return error instanceof GraphQLError ? error : this.errors.ofField(error, request);
    }
  }

  #compile(tenantId: string, query: AdmittedQuery, variables: Variables): Compiled {
    const key = [query.id, ...query.conditions.map((name) => variables[name])].join(' ');
    const known = this.#compiled.get(key);
    if (known) return known;
    const compiled = compile(query, variables);
    const isFast = compiled?.roots.every(({ field }) => this.handlers.has(field.name)) === true;
    const made: Compiled = { compiled: isFast ? compiled : undefined, prepared: new Map() };
    this.#compiled.set(tenantId, key, made);
    return made;
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
  const formatted = formatResult(result);
  const fault = sizeFault(formatted);
  if (fault) throw fault;
  return jsonLine(formatted);
}
