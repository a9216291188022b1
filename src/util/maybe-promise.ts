export type MaybePromise<T> = T | Promise<T>;

/**
 * Goes on at once with what is there already: a promise costs every request a turn of the microtask queue. Throws then
 * what `use` throws, and rejects with it otherwise.
 */
export function mapMaybePromise<T, R>(
  value: MaybePromise<T>,
  use: (value: T) => MaybePromise<R>,
): MaybePromise<R> {
  return value instanceof Promise ? value.then(use) : use(value);
}
