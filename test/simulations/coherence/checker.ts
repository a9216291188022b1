import type { Findings } from './findings.js';
import { GroupFacts } from './group-facts.js';
import type { Group } from './groups.js';
import { BOUND_MS, LAG_ALLOWANCE_MS } from './settings.js';

/** A write that is on its way: what became of it is told once. */
export interface SentWrite {
  acknowledged(coherence: 'coherent' | 'bounded'): void;
  /** Certainly not executed. */
  refused(why: string): void;
  unknown(): void;
}

/** What a read that begins now must show of a group at least. */
interface Floors {
  readonly floor: number;
  /** Had the upstream been lagging. */
  readonly laggingFloor: number;
}

export interface ReadBegin {
  readonly atMs: number;
  readonly floors: ReadonlyMap<Group, Floors>;
}

/** What the sandbox, not the cache, may be to blame for. */
export interface Excuse {
  /** It lagged during the read. */
  readonly lagging: boolean;
  /** It lagged when the answer was listed; it keeps no history from before, and may miss what changed just then. */
  readonly mayMiss: boolean;
}

/**
 * The checker outside: it knows what was acknowledged, and when, and judges what reads show of groups. All of it happens
 * in one process, so that "before" needs no clocks to agree.
 */
export class Checker {
  readonly #facts = new Map<Group, GroupFacts>();

  constructor(private readonly findings: Findings) {}

  /** A group that readers may see; `there`: since before anybody read. */
  add(group: Group, there: boolean): void {
    this.#facts.set(group, new GroupFacts(there));
  }

  /** A write to the group, with its number. */
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
      unknown: () => this.findings.note(scope, `${told} is of unknown outcome`),
    };
  }

  /** What the group is upstream while no write to it is under way, nor may still be applied. */
  upstreamIs(group: Group, write: number | undefined): void {
    const { name, scope } = group;
    const facts = this.#of(group);
    const resolved = facts.resolve(write);
    if (resolved.kind === 'lost' || resolved.kind === 'phantom') {
      this.findings.violated(resolved.kind, scope, name, resolved.detail);
    } else if (resolved.kind === 'executed') {
      this.findings.note(scope, `${name}: write ${resolved.write} of unknown outcome was executed`);
      this.#promise(facts, resolved.write, BOUND_MS);
    }
  }

  /** Whether a delete was sent that may have been executed. */
  mayBeGone(group: Group): boolean {
    return this.#of(group).mayBeAbsent(0);
  }

  /** A read begins that must show all of these groups, as far as they are promised. */
  beginRead(groups: Iterable<Group>): ReadBegin {
    const atMs = performance.now();
    const floors = new Map<Group, Floors>();
    for (const group of groups) {
      const facts = this.#of(group);
      floors.set(group, { floor: facts.floor(atMs), laggingFloor: facts.floor(atMs - LAG_ALLOWANCE_MS) });
    }
    return { atMs, floors };
  }

  /** Judges what a read showed: the number of the write for each group; `how` it was read is for the record. */
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
      // What was made during the run is missing from what was listed before.
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
    if (!facts) throw new Error(`Nobody knows the group ${group.name}.`);
    return facts;
  }
}
