/** A write that readers must see from some time on. */
interface Promised {
  readonly write: number;
  /** `performance.now()` */
  readonly fromMs: number;
}

/** What the upstream shows about the last writes to a group. */
export type Resolved =
  | { readonly kind: 'as acknowledged' }
  /** This write with an unknown outcome was executed. */
  | { readonly kind: 'executed'; readonly write: number }
  | { readonly kind: 'lost' | 'phantom'; readonly detail: string };

/** The state of a group that does not exist yet. */
const NOT_MADE = -1;

/**
 * What is known about one group. Each write to it has a number, which the group's subject then contains. The create
 * operation is 0; the number of a delete operation never appears in a subject. So a single number defines the minimum
 * that a read must show, whether the group exists or not.
 */
export class GroupFacts {
  readonly #refused = new Set<number>();
  readonly #deletes = new Set<number>();
  #promised: Promised[] = [];
  /** The latest acknowledged write, whether coherent or not. */
  #acknowledged = NOT_MADE;
  #sent = NOT_MADE;

  /** `there`: the group exists since before the first read. */
  constructor(readonly there: boolean) {
    if (there) {
      this.#acknowledged = this.#sent = 0;
      this.#promised = [{ write: 0, fromMs: -Infinity }];
    }
  }

  send(what: 'create' | 'update' | 'delete'): number {
    this.#sent += 1;
    if (what === 'delete') this.#deletes.add(this.#sent);
    return this.#sent;
  }

  /** Reads that start after `fromMs` must see it. `settledMs`: no read in flight started before. */
  acknowledge(write: number, fromMs: number, settledMs: number): void {
    this.#acknowledged = write;
    this.#promised.push({ write, fromMs });
    // A floor that applies to every read in flight supersedes lower ones.
    const floor = this.floor(settledMs);
    this.#promised = this.#promised.filter((promised) => promised.write >= floor);
  }

  /** Records that the write was definitely not executed. */
  refuse(write: number): void {
    this.#refused.add(write);
  }

  /** Returns the oldest write that a read starting at `atMs` may show. */
  floor(atMs: number): number {
    let floor = NOT_MADE;
    for (const { write, fromMs } of this.#promised) if (fromMs <= atMs && write > floor) floor = write;
    return floor;
  }

  /** Whether a read with this floor may miss the group: it is not promised yet, or may have been deleted since. */
  mayBeAbsent(floor: number): boolean {
    return floor === NOT_MADE || this.#lastDelete() >= floor;
  }

  /** Returns what is wrong with a read with this floor that shows this write, if anything. */
  wrongWith(write: number, floor: number): 'stale' | 'phantom' | undefined {
    if (write < floor) return 'stale';
    const written = write <= this.#sent && !this.#refused.has(write) && !this.#deletes.has(write);
    return written ? undefined : 'phantom';
  }

  /**
   * Resolves the outcome of the last writes from the write found upstream, `undefined` if there is no group. No write
   * may be in flight or still be applied. Writes that were not executed must never show.
   */
  resolve(found: number | undefined): Resolved {
    const write = found ?? this.#lastDelete();
    const acknowledged = this.#acknowledged;
    if (write < acknowledged) {
      return {
        kind: 'lost',
        detail: `${acknowledged} was acknowledged, but upstream has ${found ?? 'nothing'}`,
      };
    }
    if (found !== undefined && this.wrongWith(found, NOT_MADE)) {
      return { kind: 'phantom', detail: `${found} was not executed, but upstream has it` };
    }
    for (let other = write + 1; other <= this.#sent; other++) this.#refused.add(other);
    return write > acknowledged ? { kind: 'executed', write } : { kind: 'as acknowledged' };
  }

  #lastDelete(): number {
    let last = NOT_MADE;
    for (const write of this.#deletes) if (!this.#refused.has(write)) last = write;
    return last;
  }
}
