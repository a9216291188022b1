import { withTimeout } from './with-timeout.js';

/** Runs tasks of one key one after the other, tasks of different keys at the same time; in this process only. */
export class KeyedMutex {
  readonly #tails = new Map<string, Promise<void>>();

  /** Throws what `onTimeout` makes, without running the task, when its turn does not come within `maxWaitMs`. */
  async run<T>(key: string, maxWaitMs: number, onTimeout: () => Error, task: () => Promise<T>): Promise<T> {
    const previous = this.#tails.get(key);
    const { promise: done, resolve: release } = Promise.withResolvers<void>();
    // Who gave up waiting must not let its successor in before its predecessor has ended.
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
