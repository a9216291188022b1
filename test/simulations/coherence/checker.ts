import type { Findings } from './findings.js';
import { GroupFacts } from './group-facts.js';
import type { Group } from './groups.js';
import { BOUND_MS, LAG_ALLOWANCE_MS } from './settings.js';

/** A sent write. Its outcome is reported once. */
export interface SentWrite {
  acknowledged(coherence: 'coherent' | 'bounded'): void;
  /** The write was definitely not executed. */
  refused(why: string): void;
  unknown(): void;
}

/** The oldest writes to a group that a read may show if it starts now. */
interface Floors {
  readonly floor: number;
  /** The same for a lagging upstream. */
  readonly laggingFloor: number;
}

export interface ReadBegin {
  readonly atMs: number;
  readonly floors: ReadonlyMap<Group, Floors>;
}

/** Deviations that the sandbox, not the cache, may have caused. */
export interface Excuse {
  /** The sandbox lagged during the read. */
  readonly lagging: boolean;
  /** The sandbox lagged when the response was listed: it has no earlier history, so recent changes may be missing. */
  readonly mayMiss: boolean;
}

/**
 * Checks from outside what reads show of groups: it knows which writes were acknowledged, and when. Everything happens
 * in one process, so that "before" does not depend on synchronized clocks.
 */
export class Checker {
  readonly #facts = new Map<Group, GroupFacts>();

  constructor(private readonly findings: Findings) {}

  /** Adds a group that readers may see. `there`: it exists since before the first read. */
  add(group: Group, there: boolean): void {
    this.#facts.set(group, new GroupFacts(there));
  }

  /** Records that a write to the group is sent, and assigns its number. */
  send(group: Group, what: 'create' | 'update' | 'delete'): SentWrite & { readonly number: number } {
    const { name, scope } = group;
    const facts = this.#of(group);
    const number = facts.send(what);
    const told = `${name}: write ${number}, ${what},`;
    this.findings.note(scope, `${told} is sent`);
    return {
      number,
      acknowledged: (coherence) => {
        this.findings.note(scope, `${told} is acknowledged as ${coherence}`);
        this.#promise(facts, number, coherence === 'coherent' ? 0 : BOUND_MS);
      },
      refused: (why) => {
        this.findings.note(scope, `${told} is refused: ${why}`);
        facts.refuse(number);
      },
      unknown: () => this.findings.note(scope, `${told} has an unknown outcome`),
    };
  }

  /** Checks the state of the group upstream. No write to it may be in flight or still be applied. */
  upstreamIs(group: Group, write: number | undefined): void {
    const { name, scope } = group;
    const facts = this.#of(group);
    const resolved = facts.resolve(write);
    if (resolved.kind === 'lost' || resolved.kind === 'phantom') {
      this.findings.violated(resolved.kind, scope, name, resolved.detail);
    } else if (resolved.kind === 'executed') {
      this.findings.note(scope, `${name}: write ${resolved.write} with an unknown outcome was executed`);
      this.#promise(facts, resolved.write, BOUND_MS);
    }
  }

  /** Whether a delete request was sent that may have been executed. */
  mayBeGone(group: Group): boolean {
    return this.#of(group).mayBeAbsent(0);
  }

  /** Starts a read that must show these groups as far as promised. */
  beginRead(groups: Iterable<Group>): ReadBegin {
    const atMs = performance.now();
    const floors = new Map<Group, Floors>();
    for (const group of groups) {
      const facts = this.#of(group);
      floors.set(group, { floor: facts.floor(atMs), laggingFloor: facts.floor(atMs - LAG_ALLOWANCE_MS) });
    }
    return { atMs, floors };
  }

  /** Checks what a read showed: the number of the write of each group. `how` describes the read. */
  endRead(
    { floors }: ReadBegin,
    shown: ReadonlyMap<Group, number>,
    { lagging, mayMiss }: Excuse,
    how: () => string,
  ): void {
    for (const [group, { floor, laggingFloor }] of floors) {
      const facts = this.#of(group);
      const least = lagging ? laggingFloor : floor;
      if (shown.has(group) || mayMiss || facts.mayBeAbsent(least)) continue;
      // A list from before a group was created does not contain it, so the page was stale.
      const kind = facts.there ? 'missing' : 'stale';
      this.findings.violated(kind, group.scope, group.name, `nothing instead of ${least}: ${how()}`);
    }
    for (const [group, write] of shown) {
      const { floor, laggingFloor } = floors.get(group) ?? { floor: 0, laggingFloor: 0 };
      const least = lagging ? laggingFloor : floor;
      const wrong = this.#of(group).wrongWith(write, least);
      if (!wrong) continue;
      this.findings.violated(wrong, group.scope, group.name, `${write} instead of ${least}: ${how()}`);
    }
  }

  #promise(facts: GroupFacts, write: number, inMs: number): void {
    const now = performance.now();
    facts.acknowledge(write, now + inMs, now - LAG_ALLOWANCE_MS);
  }

  #of(group: Group): GroupFacts {
    const facts = this.#facts.get(group);
    if (!facts) throw new Error(`Unknown group: ${group.name}.`);
    return facts;
  }
}
