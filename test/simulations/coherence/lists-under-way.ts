/** Counts upstream lists in flight per page. */
export class ListsUnderWay {
  readonly #counts = new Map<string, number>();
  #most = 0;
  #mostOfReplica = 0;

  /** The maximum for one page, over all replicas. */
  get most(): number {
    return this.#most;
  }

  /** The maximum for one page in one replica. */
  get mostOfReplica(): number {
    return this.#mostOfReplica;
  }

  /** Whether a list of this number is in flight. */
  any(businessNumber: string): boolean {
    return [...this.#counts.keys()].some((page) => page.includes(`BusinessNumber=${businessNumber}`));
  }

  /** Records that a list of this page was sent. Call the returned function when it has ended. */
  start(replica: number, page: string): () => void {
    const keys = [page, `${replica} ${page}`] as const;
    const [all, own] = keys.map((key) => this.#add(key, 1));
    this.#most = Math.max(this.#most, all ?? 0);
    this.#mostOfReplica = Math.max(this.#mostOfReplica, own ?? 0);
    return () => keys.forEach((key) => this.#add(key, -1));
  }

  #add(key: string, change: number): number {
    const count = (this.#counts.get(key) ?? 0) + change;
    if (count === 0) this.#counts.delete(key);
    else this.#counts.set(key, count);
    return count;
  }
}
