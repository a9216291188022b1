/** Records faults, and which of them were active when. */
export class FaultLog {
  readonly #counts = new Map<string, number>();
  readonly #kinds: string[] = [];
  /** When faults of each kind were active, `performance.now()`. */
  readonly #periods = new Map<string, { readonly fromMs: number; toMs: number }[]>();
  /** The number of active faults of each kind, by the index of the kind. */
  readonly #active: number[] = [];

  constructor(
    kinds: readonly string[],
    private readonly note: (what: string) => void,
  ) {
    this.#kinds.push(...kinds);
    for (const kind of kinds) {
      this.#counts.set(kind, 0);
      this.#periods.set(kind, []);
    }
  }

  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Records the start of a fault. Call the returned function when the fault and its consequences are over. */
  start(kind: string, what: string): () => void {
    const place = this.#kinds.indexOf(kind);
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    this.#active[place] = (this.#active[place] ?? 0) + 1;
    this.note(`${kind} ${what}`);
    const period = { fromMs: performance.now(), toMs: Infinity };
    this.#periods.get(kind)?.push(period);
    return () => {
      period.toMs = performance.now();
      this.#active[place] = (this.#active[place] ?? 0) - 1;
    };
  }

  /** The active kinds, as bits by index. */
  get mask(): number {
    let mask = 0;
    for (let place = 0; place < this.#kinds.length; place++)
      if ((this.#active[place] ?? 0) > 0) mask |= 1 << place;
    return mask;
  }

  /** Whether a fault of the kind was active at any time between two values of `performance.now()`. */
  wasUnderWay(kind: string, fromMs: number, toMs: number): boolean {
    return this.#periods.get(kind)?.some((period) => period.fromMs <= toMs && period.toMs >= fromMs) === true;
  }

  kindsIn(mask: number): string[] {
    return this.#kinds.filter((_, place) => (mask & (1 << place)) !== 0);
  }
}
