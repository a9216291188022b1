import type { GraphqlContext } from '../request/graphql-context.js';

/** Resolver results of one request, so that nothing is called twice. The parent of a root field is `undefined`. */
export class RecordedResults {
  readonly #results = new Map<unknown, Map<string | number, unknown>>();

  set(parent: unknown, responseKey: string | number, result: unknown): void {
    const ofParent = this.#results.get(parent) ?? new Map<string | number, unknown>();
    this.#results.set(parent, ofParent.set(responseKey, result));
  }

  /** Returns the first result of `resolve`. Only for fields without arguments, the only ones that are compiled. */
  once(parent: unknown, responseKey: string | number, resolve: () => unknown): unknown {
    const ofParent = this.#results.get(parent);
    if (ofParent?.has(responseKey)) return ofParent.get(responseKey);
    const result = resolve();
    this.set(parent, responseKey, result);
    return result;
  }
}

/** A context that may record results. */
export interface RecordingContext extends GraphqlContext {
  readonly recorded?: RecordedResults;
}
