/** What has to be ended, latest first. */
export class Endings {
  readonly #ends: (() => Promise<unknown>)[] = [];
  #closed: Promise<void> | undefined;

  add(end: () => Promise<unknown>): void {
    this.#ends.unshift(end);
    // What had been on its way when all was ended.
    this.#closed = this.#closed?.then(() => this.#endAll());
  }

  /** Ends everything, once for all who ask. */
  close(): Promise<void> {
    return (this.#closed ??= this.#endAll());
  }

  async #endAll(): Promise<void> {
    for (let end = this.#ends.shift(); end; end = this.#ends.shift()) await end();
  }
}
