/** A write that readers are promised to see from a moment on. */
interface Promised {
  readonly write: number;
  /** `performance.now()` */
  readonly fromMs: number;
}

/** What upstream tells of the last writes to a group. */
export type Resolved =
  | { readonly kind: 'as acknowledged' }
  /** The outcome of this write was unknown: it was executed. */
  | { readonly kind: 'executed'; readonly write: number }
  | { readonly kind: 'lost' | 'phantom'; readonly detail: string };

/** The state of a group that is not there yet. */
const NOT_MADE = -1;

/**
 * What is known of one group. Each write to it has a number, which its subject then tells: the create is 0; a delete
 * takes a number that no subject tells. So one number says what a read must show at least, be the group there or not.
 */
export class GroupFacts {
  readonly #refused = new Set<number>();
  readonly #deletes = new Set<number>();
  #promised: Promised[] = [];
  /** The latest write that was acknowledged, whatever its promise. */
  #acknowledged = NOT_MADE;
  #sent = NOT_MADE;

  /** `there`: since before anybody read. */
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

  /** Readers that begin after `fromMs` see it. `settledMs`: no read under way began before. */
  acknowledge(write: number, fromMs: number, settledMs: number): void {
    this.#acknowledged = write;
    this.#promised.push({ write, fromMs });
    // A floor that was reached long ago says more than those below it.
    const floor = this.floor(settledMs);
    this.#promised = this.#promised.filter((promised) => promised.write >= floor);
  }

  /** Certainly not executed. */
  refuse(write: number): void {
    this.#refused.add(write);
  }

  /** The least that a read which begins now may show. */
  floor(atMs: number): number {
    let floor = NOT_MADE;
    for (const { write, fromMs } of this.#promised) if (fromMs <= atMs && write > floor) floor = write;
    return floor;
  }

  /** Whether a read with this floor may miss the group: nobody promised it yet, or it may have been deleted since. */
  mayBeAbsent(floor: number): boolean {
    return floor === NOT_MADE || this.#lastDelete() >= floor;
  }

  /** What is wrong with a read with this floor that shows the group as of this write. */
  wrongWith(write: number, floor: number): 'stale' | 'phantom' | undefined {
    if (write < floor) return 'stale';
    const written = write <= this.#sent && !this.#refused.has(write) && !this.#deletes.has(write);
    return written ? undefined : 'phantom';
  }

  /**
   * What the group is upstream, `undefined` for nothing, while no write to it is under way, nor may still be applied:
   * it tells whether the last ones were executed. Those that were not must never show.
   */
  resolve(found: number | undefined): Resolved {
    const write = found ?? this.#lastDelete();
    const acknowledged = this.#acknowledged;
    if (write < acknowledged) {
      return { kind: 'lost', detail: `${acknowledged} was acknowledged, upstream is ${found ?? 'nothing'}` };
    }
    if (found !== undefined && this.wrongWith(found, NOT_MADE)) {
      return { kind: 'phantom', detail: `${found} was not executed, and is upstream` };
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
