import { Injectable } from '@nestjs/common';
import {
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  getOperationAST,
  parse,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { recordResults } from './recorded-results.js';
import { isAlwaysWithinLimits, operationLabel } from '../graphql/document-limits.plugin.js';

/** A query as the caller sent it. */
export interface QueryText {
  readonly query: string;
  readonly operationName: string | null | undefined;
}

/** A query that Apollo has parsed, validated and found within its limits before. */
export interface AdmittedQuery extends QueryText {
  /** Unique among all queries of this process. */
  readonly id: number;
  readonly schema: GraphQLSchema;
  /** Without locations: they hold every token of the text. */
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** Whether no variables could take it beyond its limits. */
  readonly isAlwaysWithinLimits: boolean;
  /** For the log. */
  readonly label: string;
}

const MAX_QUERIES = 500;
const MAX_CHARACTERS = 2_000_000;
const NAME = /^[_A-Za-z]\w*$/;

/** The queries that the fast path may answer, each of them executed by Apollo once. */
@Injectable()
export class AdmittedQueries {
  readonly #queries = new LRUCache<string, AdmittedQuery>({
    max: MAX_QUERIES,
    maxSize: MAX_CHARACTERS,
    sizeCalculation: ({ query }) => query.length + 1,
  });
  #lastId = 0;

  find(text: QueryText): AdmittedQuery | undefined {
    const key = keyOf(text);
    return key === undefined ? undefined : this.#queries.get(key);
  }

  /** Takes up a query that Apollo is about to execute. */
  admit(text: QueryText, schema: GraphQLSchema): void {
    const key = keyOf(text);
    if (key === undefined || this.#queries.has(key)) return;
    const document = parse(text.query, { noLocation: true });
    const operation = getOperationAST(document, text.operationName);
    if (!operation) return;
    if (this.#lastId === 0) recordResults(schema);
    this.#lastId += 1;
    this.#queries.set(key, {
      ...text,
      id: this.#lastId,
      schema,
      document,
      operation,
      isAlwaysWithinLimits: isAlwaysWithinLimits({ schema, document, operation }),
      label: operationLabel(operation),
    });
  }
}

/** `undefined` for what is no name: no key may stand for two texts. */
function keyOf({ query, operationName }: QueryText): string | undefined {
  // The compiler makes properties of names; this one would set a prototype.
  if (query.includes('__proto__')) return undefined;
  if (operationName === null || operationName === undefined) return `:${query}`;
  return NAME.test(operationName) ? `${operationName}:${query}` : undefined;
}
