import type { Random } from '../../test/simulations/coherence/random.js';

/** Draws ranks from 0; the k-th comes up 1/k times as often as the first (Zipf, s = 1). */
export class Zipf {
  readonly #upTo: Float64Array;

  constructor(
    private readonly random: Random,
    ranks: number,
  ) {
    let sum = 0;
    this.#upTo = Float64Array.from({ length: ranks }, (_, rank) => (sum += 1 / (rank + 1)));
  }

  next(): number {
    const drawn = this.random.next() * (this.#upTo.at(-1) ?? 0);
    let low = 0;
    let high = this.#upTo.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#upTo[middle] ?? 0) > drawn) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
