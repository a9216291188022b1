import type { SlicedWork } from '../../util/slices.js';

/** A file that is broken throughout must neither fill the memory nor push other lines out of the log. */
export const MAX_FAULTS = 100;

/** Keeps the first {@link MAX_FAULTS} faults of a file and counts the others. */
export class FaultList<Fault> {
  readonly #first: Fault[] = [];
  #count = 0;

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  add(fault: Fault): void {
    this.#count += 1;
    if (this.#first.length < MAX_FAULTS) this.#first.push(fault);
  }

  /** Adds all faults of another list. */
  include<Other>(other: FaultList<Other>, as: (fault: Other) => Fault): void {
    for (const fault of other.#first) if (this.#first.length < MAX_FAULTS) this.#first.push(as(fault));
    this.#count += other.#count;
  }

  /** Whether one of those kept is like this. */
  has(isLike: (fault: Fault) => boolean): boolean {
    return this.#first.some(isLike);
  }

  /** Returns a line for each fault kept, and one that says how many more there are. */
  *describe(describe: (fault: Fault) => string): SlicedWork<string[]> {
    const lines: string[] = [];
    for (const fault of this.#first) {
      yield;
      lines.push(describe(fault));
    }
    const more = this.#count - lines.length;
    if (more > 0) lines.push(`… and ${more.toLocaleString('en')} more ${more === 1 ? 'fault' : 'faults'}`);
    return lines;
  }
}
