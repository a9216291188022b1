/** Runs at most `limit` tasks at once; the others wait in order. */
export class ConcurrencyLimit {
  readonly #queue: (() => void)[] = [];
  #running = 0;

  constructor(private readonly limit: number) {}

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running >= this.limit) await new Promise<void>((start) => this.#queue.push(start));
    else this.#running += 1;
    try {
      return await task();
    } finally {
      // The next task takes over the place of this one.
      const next = this.#queue.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}
