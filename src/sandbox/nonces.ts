/** Remembers which nonces were used, in bounded memory: the oldest make room, as a replay of them is the least likely. */
export class Nonces {
  readonly #usableAgainAt = new Map<string, number>();

  constructor(private readonly maxNonces = 200_000) {}

  /** False if the nonce was used before and `now` is not later than the end that was given then. */
  use(nonce: string, now: number, until: number): boolean {
    const usableAgainAt = this.#usableAgainAt.get(nonce);
    if (usableAgainAt !== undefined && now <= usableAgainAt) return false;
    this.#usableAgainAt.delete(nonce);
    if (this.#usableAgainAt.size >= this.maxNonces) this.#drop(now);
    this.#usableAgainAt.set(nonce, until);
    return true;
  }

  get size(): number {
    return this.#usableAgainAt.size;
  }

  #drop(now: number): void {
    let mustGo = 1;
    for (const [nonce, usableAgainAt] of this.#usableAgainAt) {
      if (mustGo <= 0 && now <= usableAgainAt) return;
      this.#usableAgainAt.delete(nonce);
      mustGo -= 1;
    }
  }
}
