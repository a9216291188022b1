import { withTimeout } from './with-timeout.js';

/** Runs tasks with the same key one after the other and tasks with different keys concurrently, within this process. */
export class KeyedMutex {
  readonly #tails = new Map<string, Promise<void>>();

  /** Runs the task once the lock is free. Throws the error of `onTimeout` if it is not acquired within `maxWaitMs`. */
  async run<T>(key: string, maxWaitMs: number, onTimeout: () => Error, task: () => Promise<T>): Promise<T> {
    const previous = this.#tails.get(key);
    const { promise: done, resolve: release } = Promise.withResolvers<void>();
    // A task that timed out must not let its successor start before its predecessor has ended.
    const tail = previous ? previous.then(() => done) : done;
    this.#tails.set(key, tail);
    void this.#forget(key, tail);
    try {
      if (previous) await withTimeout(previous, maxWaitMs, onTimeout);
      return await task();
    } finally {
      release();
    }
  }

  async #forget(key: string, tail: Promise<void>): Promise<void> {
    await tail;
    if (this.#tails.get(key) === tail) this.#tails.delete(key);
  }
}
