import type { ApolloServerPlugin } from '@apollo/server';
import { Injectable } from '@nestjs/common';
import { type GraphQLSchema, OperationTypeNode, getOperationAST, parse, print } from 'graphql';
import { DocumentCost } from '../graphql/document-cost.js';
import { operationLabel } from '../graphql/document-limits.plugin.js';
import type { SelectedOperation } from '../graphql/selected-operation.js';
import type { GraphqlContext } from '../request/graphql-context.js';
import type { Metrics } from '../telemetry/metrics.js';
import { FairCache } from '../util/fair-cache.js';
import { compilerSchema } from './compiler-schema.js';

export interface QueryText {
  readonly query: string;
  readonly operationName: string | null | undefined;
}

/** A query that Apollo has already found valid and within its limits. `label` is for the log; `id` is unique. */
export interface AdmittedQuery extends QueryText, SelectedOperation {
  readonly id: number;
  readonly compilerSchema: GraphQLSchema;
  /** Variables that `@skip` and `@include` may depend on. */
  readonly conditions: readonly string[];
  readonly cost: DocumentCost;
  readonly label: string;
}

const MAX_QUERIES = 500;
const MAX_CHARACTERS = 2_000_000;

/**
 * Names of properties that every object inherits. The compiler and the lookup of conditions turn names of the caller into
 * properties, so queries that contain one of these as a word are left to Apollo.
 */
const INHERITED = new RegExp(`\\b(?:${Object.getOwnPropertyNames(Object.prototype).join('|')})\\b`);

/** The queries that the fast path may serve. Apollo has parsed, validated and executed each of them once. */
@Injectable()
export class AdmittedQueries {
  readonly #queries = new FairCache<AdmittedQuery>({
    maxSize: MAX_CHARACTERS,
    sizeOf: ({ query }) => Math.max(query.length, MAX_CHARACTERS / MAX_QUERIES),
  });
  #lastId = 0;
  #compilerSchema: GraphQLSchema | undefined;

  find(text: QueryText): AdmittedQuery | undefined {
    return this.#queries.get(keyOf(text));
  }

  /** Adds a query that Apollo has executed for this tenant. */
  admit(tenantId: string, text: QueryText, schema: GraphQLSchema): void {
    if (this.find(text) || INHERITED.test(text.query)) return;
    const document = parse(text.query, { noLocation: true });
    const operation = getOperationAST(document, text.operationName);
    if (operation?.operation !== OperationTypeNode.QUERY) return;
    this.#compilerSchema ??= compilerSchema(schema);
    this.#lastId += 1;
    const selected = { schema, document, operation };
    const { variableDefinitions: definitions = [] } = operation;
    this.#queries.set(tenantId, keyOf(text), {
      ...text,
      ...selected,
      id: this.#lastId,
      compilerSchema: this.#compilerSchema,
      conditions: definitions
        .filter(({ type }) => /^Boolean!?$/.test(print(type)))
        .map(({ variable }) => variable.name.value),
      cost: new DocumentCost(selected),
      label: operationLabel(operation),
    });
  }
}

/** The separator cannot occur in a document that Apollo has parsed. */
function keyOf({ query, operationName }: QueryText): string {
  return `${query}\0${operationName ?? ''}`;
}

/** Admits and counts what Apollo executes. Without data nothing was executed, for example with invalid variables. */
export function queryAdmission(
  queries: AdmittedQueries | undefined,
  { graphqlOperations }: Metrics,
): ApolloServerPlugin<GraphqlContext> {
  return {
    requestDidStart: async ({ contextValue: { req } }) => ({
      willSendResponse: async ({ operation, source, request, schema, response: { body } }) => {
        if (!operation || source === undefined || body.kind !== 'single' || !('data' in body.singleResult))
          return;
        graphqlOperations.inc({ path: 'interpreted', operation: operation.operation });
        const { tenantId = '' } = req.gateway;
        queries?.admit(tenantId, { query: source, operationName: request.operationName }, schema);
      },
    }),
  };
}
