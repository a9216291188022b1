/** Remembers used nonces in bounded memory. The oldest, which are least likely to be replayed, are evicted first. */
export class Nonces {
  readonly #usableAgainAt = new Map<string, number>();

  constructor(private readonly maxNonces = 200_000) {}

  /** Marks the nonce as used until `until`. Returns false if it was used before and has not expired at `now`. */
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
