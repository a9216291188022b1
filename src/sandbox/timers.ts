/** Delays that can all be called off together, so that nothing outlives the sandbox or a reset. */
export class Timers {
  readonly #pending = new Map<NodeJS.Timeout, (rang: boolean) => void>();

  /** True after `ms`; false at once when called off. */
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
