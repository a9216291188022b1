/** What has to be ended, latest first. */
export class Endings {
  readonly #ends: (() => Promise<unknown>)[] = [];

  add(end: () => Promise<unknown>): void {
    this.#ends.unshift(end);
  }

  /** Ends everything; safe to call again. */
  async close(): Promise<void> {
    for (let end = this.#ends.shift(); end; end = this.#ends.shift()) await end();
  }
}
