/** Delays that can all be cancelled together, so that none outlives the sandbox or a reset. */
export class Timers {
  readonly #pending = new Map<NodeJS.Timeout, (rang: boolean) => void>();

  /** Resolves to true after `ms`, or to false as soon as it is cancelled. */
  async wait(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#pending.delete(timer);
        resolve(true);
      }, ms);
      this.#pending.set(timer, resolve);
    });
  }

  callOff(): void {
    for (const [timer, resolve] of this.#pending) {
      clearTimeout(timer);
      resolve(false);
    }
    this.#pending.clear();
  }
}
