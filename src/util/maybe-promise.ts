export type MaybePromise<T> = T | Promise<T>;

/**
 * Maps a value, synchronously if it is already available: a promise would cost every request a turn of the microtask
 * queue. If `use` throws, it throws synchronously for a plain value and rejects for a promise.
 */
export function mapMaybePromise<T, R>(
  value: MaybePromise<T>,
  use: (value: T) => MaybePromise<R>,
): MaybePromise<R> {
  return value instanceof Promise ? value.then(use) : use(value);
}
