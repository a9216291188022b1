import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { CompiledQuery } from './compiled-query.js';
import { isAlwaysWithinLimits, operationLabel } from './document-limits.js';
import type { SelectedOperation } from './selected-operation.js';

/** A query as the caller sent it. */
export interface QueryText {
  readonly query: string;
  readonly operationName: string | null | undefined;
}

/** A compiled query whose document has passed every check that does not depend on the request. */
export interface AdmittedQuery {
  readonly compiled: CompiledQuery;
  /** For the log. */
  readonly label: string;
  /** Whether it may run with any variables; otherwise the limits are judged for each request. */
  readonly alwaysWithinLimits: boolean;
}

/** A compiled query takes many times the memory of its text. */
const MAX_QUERIES = 500;

/** Queries that were parsed and validated, compiled once. */
@Injectable()
export class CompiledQueries {
  /** `null`: left to graphql-js. */
  readonly #queries = new LRUCache<string, { readonly admitted: AdmittedQuery | null }>({ max: MAX_QUERIES });

  find(text: QueryText): AdmittedQuery | undefined {
    return this.#queries.get(keyOf(text))?.admitted ?? undefined;
  }

  /** Compiles the query, if it can be; to be called with documents that passed validation only. */
  admit(text: QueryText, selected: SelectedOperation): AdmittedQuery | undefined {
    const key = keyOf(text);
    const known = this.#queries.get(key);
    if (known) return known.admitted ?? undefined;
    const compiled = CompiledQuery.compile(selected);
    const admitted = compiled && {
      compiled,
      label: operationLabel(selected.operation),
      alwaysWithinLimits: isAlwaysWithinLimits(selected),
    };
    this.#queries.set(key, { admitted: admitted ?? null });
    return admitted;
  }
}

// A text or name with the separator in it is never valid, so never admitted.
function keyOf({ query, operationName }: QueryText): string {
  return operationName === null || operationName === undefined ? query : `${operationName}\u0000${query}`;
}
