/** Limits how many tasks with the same key run at once. The others wait for their turn, in order. */
export class KeyedLimit {
  readonly #running = new Map<string, number>();
  readonly #waiting = new Map<string, (() => void)[]>();

  constructor(private readonly limit: number) {}

  /** Takes a place. Returns a promise only if the task has to wait for it. Call {@link leave} when the task has ended. */
  enter(key: string): Promise<void> | undefined {
    const running = this.#running.get(key) ?? 0;
    if (running >= this.limit) return this.#wait(key);
    this.#running.set(key, running + 1);
    return undefined;
  }

  leave(key: string): void {
    const waiting = this.#waiting.get(key);
    const next = waiting?.shift();
    if (waiting?.length === 0) this.#waiting.delete(key);
    // The next task takes over the place of this one.
    if (next) return next();
    const running = this.#running.get(key) ?? 0;
    if (running > 1) this.#running.set(key, running - 1);
    else this.#running.delete(key);
  }

  #wait(key: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = this.#waiting.get(key);
    if (waiting) waiting.push(resolve);
    else this.#waiting.set(key, [resolve]);
    return promise;
  }
}
