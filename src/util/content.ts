/** Where a value tells what it shows. */
export const CONTENT = Symbol('content');

/** A value that shows a part of a list: while its content is the same object, so are its fields. */
export interface Showing {
  /** `undefined`: may differ each time. */
  readonly [CONTENT]: object | undefined;
}

/** What a value shows: two values of the same content have the same fields. A frozen object shows itself. */
export function contentOf(value: unknown): object | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (CONTENT in value) return (value as Showing)[CONTENT];
  return Object.isFrozen(value) ? value : undefined;
}

/** Numbers for objects, where a key must be text. */
export class ObjectNumbers {
  readonly #numbers = new WeakMap<object, number>();
  #last = 0;

  of(object: object): number {
    const known = this.#numbers.get(object);
    if (known !== undefined) return known;
    this.#last += 1;
    this.#numbers.set(object, this.#last);
    return this.#last;
  }
}
