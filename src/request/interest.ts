/**
 * Whether anybody still waits for what a request does: its client, or other requests that share its work. Work that nobody
 * waits for should free what others may be waiting for.
 */
export class Interest {
  #clientWaits = true;
  /** Parts of the work that others need: requests that wait for it, or will. Two that wait for each other keep each other's work going. */
  #sharing = 0;
  #isKept = false;
  #isLost = false;
  readonly #listeners = new Set<() => void>();

  /** Whether nobody waits any more. Final. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Calls back once the interest is lost, at once if it is already. Returns a function that removes the listener. */
  onLost(listener: () => void): () => void {
    if (this.#isLost) listener();
    else this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Notes that the client has its response, or has closed its connection. */
  requestEnded(): void {
    this.#clientWaits = false;
    this.#update();
  }

  /** Keeps the work going, whoever leaves: a write was sent, and its outcome must be recorded. */
  keep(): void {
    this.#isKept = true;
  }

  /** Keeps the work going until this part of it has ended, for later requests. */
  keepUntil(work: Promise<unknown>): void {
    this.#sharing += 1;
    const end = (): void => {
      this.#sharing -= 1;
      this.#update();
    };
    work.then(end, end);
  }

  /** Counts another request as interested until work of this one that it waits for has ended. */
  sharedWith(other: Interest, work: Promise<unknown>): void {
    if (other === this || other.isLost) return;
    this.#sharing += 1;
    let counts = true;
    const end = (): void => {
      if (!counts) return;
      counts = false;
      removeListener();
      this.#sharing -= 1;
      this.#update();
    };
    const removeListener = other.onLost(end);
    work.then(end, end);
  }

  #update(): void {
    if (this.#isLost || this.#clientWaits || this.#isKept || this.#sharing > 0) return;
    this.#isLost = true;
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }
}
