import type { Group, Scope } from './groups.js';
import { BOUND_MS, TIMES } from './settings.js';

/** A write that readers are promised to see from a moment on. */
interface Promised {
  readonly write: number;
  /** `performance.now()` */
  readonly fromMs: number;
}

interface Facts {
  promised: Promised[];
  /** The latest write that was acknowledged, whatever its promise. */
  acknowledged: number;
  sent: number;
  /** Writes that were certainly not executed. */
  readonly refused: Set<number>;
}

/** What a read that begins now must show at least. */
export interface ReadBegin {
  readonly scope: Scope;
  readonly atMs: number;
  readonly floors: readonly number[];
  /** Had the upstream been lagging. */
  readonly laggingFloors: readonly number[];
}

export interface Violation {
  readonly kind: 'stale' | 'phantom' | 'missing' | 'lost';
  readonly group: string;
  readonly detail: string;
  /** What happened to the scope before. */
  readonly history: readonly string[];
}

/** Room for an upstream that lags, and for the clocks of two processes. */
const LAG_ALLOWANCE_MS = TIMES.listLagMs + 30;
const HISTORY = 40;

/**
 * The checker outside: it knows what was acknowledged, and when, and judges what reads show. All of it happens in one
 * process, so that "before" needs no clocks to agree.
 */
export class Checker {
  readonly violations: Violation[] = [];
  readonly #facts = new Map<string, Facts>();
  readonly #histories = new Map<Scope, string[]>();
  #tell: () => void = () => undefined;

  constructor(
    scopes: readonly Scope[],
    private readonly startedAtMs: number,
  ) {
    for (const scope of scopes) {
      this.#histories.set(scope, []);
      for (const { id } of scope.groups) {
        const promised = [{ write: 0, fromMs: -Infinity }];
        this.#facts.set(id, { promised, acknowledged: 0, sent: 0, refused: new Set() });
      }
    }
  }

  /** To be told of each violation. */
  onViolation(tell: () => void): void {
    this.#tell = tell;
  }

  count(kind: Violation['kind']): number {
    return this.violations.filter((violation) => violation.kind === kind).length;
  }

  /** The number of the next write to a group. */
  nextWrite(group: Group): number {
    const facts = this.#of(group.id);
    facts.sent += 1;
    this.note(group.scope, `${group.name}: write ${facts.sent} is sent`);
    return facts.sent;
  }

  acknowledge({ id, name, scope }: Group, write: number, coherence: 'coherent' | 'bounded'): void {
    this.note(scope, `${name}: write ${write} is acknowledged as ${coherence}`);
    this.#of(id).acknowledged = write;
    this.#promise(id, write, coherence === 'coherent' ? 0 : BOUND_MS);
  }

  /** Certainly not executed. */
  refuse({ id, name, scope }: Group, write: number, why: string): void {
    this.note(scope, `${name}: write ${write} is refused: ${why}`);
    this.#of(id).refused.add(write);
  }

  /**
   * What the group is upstream while no write to it is under way, nor may still be applied: it tells whether the last
   * ones were executed.
   */
  upstreamIs({ id, name, scope }: Group, write: number | undefined): void {
    const { acknowledged, sent, refused } = this.#of(id);
    const found = write ?? Number.NaN;
    if (!(found >= acknowledged)) {
      this.#violated('lost', { id, name, scope }, `${acknowledged} was acknowledged, upstream is ${found}`);
    } else if (refused.has(found)) {
      this.#violated('phantom', { id, name, scope }, `${found} was refused, and is upstream`);
    } else if (found > acknowledged) {
      this.note(scope, `${name}: write ${found} of unknown outcome was executed`);
      this.#of(id).acknowledged = found;
      this.#promise(id, found, BOUND_MS);
    }
    for (let other = found + 1; other <= sent; other++) refused.add(other);
  }

  beginRead(scope: Scope): ReadBegin {
    const atMs = performance.now();
    const floors = scope.groups.map(({ id }) => this.#floor(id, atMs));
    const laggingFloors = scope.groups.map(({ id }) => this.#floor(id, atMs - LAG_ALLOWANCE_MS));
    return { scope, atMs, floors, laggingFloors };
  }

  /**
   * Judges what a read showed: the number of the write for each group; `how` it was read is for the record. The sandbox
   * keeps no history from before it lagged, and may miss a group then: only a list for this reader alone must have all.
   */
  endRead(
    begin: ReadBegin,
    shown: ReadonlyMap<string, number>,
    { lagging, listed }: { readonly lagging: boolean; readonly listed: boolean },
    how: () => string,
  ): void {
    const floors = lagging ? begin.laggingFloors : begin.floors;
    begin.scope.groups.forEach((group, index) => {
      const write = shown.get(group.id);
      const floor = floors[index] ?? 0;
      if (write === undefined) {
        if (listed && !lagging) this.#violated('missing', group, how());
      } else if (!(write >= floor)) this.#violated('stale', group, `${write} instead of ${floor}: ${how()}`);
      else if (this.#of(group.id).refused.has(write) || write > this.#of(group.id).sent) {
        this.#violated('phantom', group, `${write} was not executed: ${how()}`);
      }
    });
  }

  /** Something that happened to one scope, or to all. */
  note(scope: Scope | undefined, what: string): void {
    const line = `${(performance.now() - this.startedAtMs).toFixed(0)} ms ${what}`;
    for (const history of scope ? [this.#history(scope)] : this.#histories.values()) {
      history.push(line);
      if (history.length > HISTORY) history.shift();
    }
  }

  #promise(id: string, write: number, inMs: number): void {
    const facts = this.#of(id);
    const now = performance.now();
    facts.promised.push({ write, fromMs: now + inMs });
    // A floor that was reached long ago says more than those below it.
    const floor = this.#floor(id, now - LAG_ALLOWANCE_MS);
    facts.promised = facts.promised.filter((promised) => promised.write >= floor);
  }

  #floor(id: string, atMs: number): number {
    let floor = 0;
    for (const { write, fromMs } of this.#of(id).promised) if (fromMs <= atMs && write > floor) floor = write;
    return floor;
  }

  #violated(kind: Violation['kind'], { name, scope }: Group, detail: string): void {
    const at = `${(performance.now() - this.startedAtMs).toFixed(0)} ms ${detail}`;
    this.violations.push({ kind, group: name, detail: at, history: [...this.#history(scope)] });
    this.#tell();
  }

  #of(id: string): Facts {
    const facts = this.#facts.get(id);
    if (!facts) throw new Error(`Nobody knows the group ${id}.`);
    return facts;
  }

  #history(scope: Scope): string[] {
    return this.#histories.get(scope) ?? [];
  }
}
