/** Runs clean-up steps, latest first. */
export class Cleanup {
  readonly #steps: (() => Promise<unknown>)[] = [];
  #closed: Promise<void> | undefined;

  add(step: () => Promise<unknown>): void {
    this.#steps.unshift(step);
    // A step that was added during or after close() runs, too.
    this.#closed = this.#closed?.then(() => this.#runAll());
  }

  /** Runs every step once, however often it is called. */
  close(): Promise<void> {
    return (this.#closed ??= this.#runAll());
  }

  async #runAll(): Promise<void> {
    for (let step = this.#steps.shift(); step; step = this.#steps.shift()) await step();
  }
}
