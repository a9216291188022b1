import type { ExecutionResult } from 'graphql';
import { LRUCache } from 'lru-cache';
import { ObjectNumbers } from '../util/content.js';
import type { GraphqlContext } from '../request/graphql-context.js';
import { standaloneBuffer } from '../util/standalone-buffer.js';
import type { CompiledQuery } from './compiled-query.js';
import { formatResult } from '../graphql/format-result.js';
import type { FastResolvers, Resolved } from './resolved-query.js';
import type { Variables } from '../graphql/selected-operation.js';

const MAX_BYTES = 4 * 1024 * 1024;
const ENTRY_BYTES = 300;
const MAX_VARIABLES_CHARACTERS = 500;

/**
 * Answers as bytes, by query, variables and the content that they were made of: what a caller may see is part of the
 * content, and a page that is listed anew is another one.
 */
export class ResponseMemo {
  readonly #answers = new LRUCache<string, Buffer>({
    maxSize: MAX_BYTES,
    sizeCalculation: (answer) => ENTRY_BYTES + answer.length,
  });
  readonly #numbers = new ObjectNumbers();

  constructor(private readonly direct: FastResolvers) {}

  /** The body of the answer; `undefined` if the variables do not fit. */
  answer(query: CompiledQuery, contextValue: GraphqlContext, given: Variables): Promise<Buffer> | undefined {
    const variables = query.coerce(given);
    if (!variables) return undefined;
    const resolved = query.resolved?.resolve(contextValue, variables, this.direct);
    return resolved
      ? this.#complete(query, resolved, variables)
      : query.execute(contextValue, variables).then(bodyOf);
  }

  async #complete(query: CompiledQuery, resolving: Promise<Resolved>, variables: Variables): Promise<Buffer> {
    const { content, complete } = await resolving;
    const text = content && JSON.stringify(variables);
    if (!text || text.length > MAX_VARIABLES_CHARACTERS) return bodyOf(await complete());
    const key = `${this.#numbers.of(query)} ${this.#numbers.of(content)} ${text}`;
    const known = this.#answers.get(key);
    if (known) return known;
    const result = await complete();
    const body = bodyOf(result);
    // An error tells of its request.
    if (!result.errors) this.#answers.set(key, body);
    return body;
  }
}

/** As Apollo writes it. */
function bodyOf(result: ExecutionResult): Buffer {
  return standaloneBuffer(`${JSON.stringify(formatResult(result))}\n`);
}
