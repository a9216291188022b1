import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { CompiledQuery } from './compiled-query.js';
import { isAlwaysWithinLimits, operationLabel } from '../graphql/document-limits.plugin.js';
import type { SelectedOperation } from '../graphql/selected-operation.js';
import { stripTokens } from './strip-tokens.js';

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

const MAX_QUERIES = 500;
/** Selections of all of them: each takes about 250 bytes when it is compiled; texts count, too. */
const MAX_SELECTIONS = 30_000;
const CHARACTERS_PER_SELECTION = 125;
const NAME = /^[_A-Za-z]\w*$/;

/** Queries that were parsed and validated, compiled once. */
@Injectable()
export class CompiledQueries {
  /** `null`: left to graphql-js. */
  readonly #queries = new LRUCache<string, { readonly admitted: AdmittedQuery | null }>({
    max: MAX_QUERIES,
    maxSize: MAX_SELECTIONS,
    sizeCalculation: ({ admitted }, text) =>
      1 + (admitted?.compiled.selections ?? 0) + Math.ceil(text.length / CHARACTERS_PER_SELECTION),
  });

  find(text: QueryText): AdmittedQuery | undefined {
    const key = keyOf(text);
    return key === undefined ? undefined : (this.#queries.get(key)?.admitted ?? undefined);
  }

  /** Compiles the query, if it can be; to be called with documents that passed validation only. */
  admit(text: QueryText, selected: SelectedOperation): AdmittedQuery | undefined {
    const key = keyOf(text);
    if (key === undefined) return undefined;
    const known = this.#queries.get(key);
    if (known) return known.admitted ?? undefined;
    stripTokens(selected.document);
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

/** `undefined` for what is no name: no key may stand for two texts. */
function keyOf({ query, operationName }: QueryText): string | undefined {
  if (operationName === null || operationName === undefined) return `:${query}`;
  return NAME.test(operationName) ? `${operationName}:${query}` : undefined;
}
