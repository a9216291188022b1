export type MaybePromise<T> = T | Promise<T>;

/** Goes on with what is there already at once: each promise costs every request a turn of the queue. */
export function chain<T, R>(value: MaybePromise<T>, use: (value: T) => MaybePromise<R>): MaybePromise<R> {
  return value instanceof Promise ? value.then(use) : use(value);
}
