import type { Excuse, SentWrite } from './checker.js';
import type { Findings } from './findings.js';
import type { Group } from './groups.js';
import { BOUND_MS, LAG_ALLOWANCE_MS, MEMBER_SHOWN_MS } from './settings.js';

/** A phone number in a group. No number joins twice. */
interface Member {
  readonly joinedAtMs: number;
  /** Reads that start after this must not show it, `performance.now()`. */
  goneFromMs: number;
  /** A removal request was sent that may have been executed. */
  leaving: boolean;
  acknowledged: boolean;
}

/**
 * Checks what reads show of members, as the checker does for groups: it knows which members joined, outside the
 * gateway, and which removals were acknowledged.
 */
export class Members {
  readonly #members = new Map<Group, Map<string, Member>>();

  constructor(private readonly findings: Findings) {}

  joined(group: Group, numbers: readonly string[]): void {
    const members = this.#of(group);
    const joinedAtMs = performance.now();
    for (const number of numbers)
      members.set(number, { joinedAtMs, goneFromMs: Infinity, leaving: false, acknowledged: false });
    this.findings.note(group.scope, `${group.name}: ${numbers.join(', ')} joined`);
  }

  /** Returns the members that no writer has tried to remove. */
  staying(group: Group): string[] {
    return [...this.#of(group)].filter(([, { leaving }]) => !leaving).map(([number]) => number);
  }

  /** Records that the removal of a staying member is sent. */
  remove(group: Group, number: string): SentWrite {
    const { name, scope } = group;
    const member = this.#of(group).get(number);
    if (!member) throw new Error(`${number} never joined ${name}.`);
    const told = `${name}: removal of ${number}`;
    this.findings.note(scope, `${told} is sent`);
    member.leaving = true;
    return {
      acknowledged: (coherence) => {
        this.findings.note(scope, `${told} is acknowledged as ${coherence}`);
        member.acknowledged = true;
        goneAfter(member, coherence === 'coherent' ? 0 : BOUND_MS);
      },
      refused: (why) => {
        this.findings.note(scope, `${told} is refused: ${why}`);
        member.leaving = false;
      },
      unknown: () => this.findings.note(scope, `${told} has an unknown outcome`),
    };
  }

  /** Removes the members of a deleted group. */
  groupGone(group: Group, coherence: 'coherent' | 'bounded'): void {
    for (const member of this.#of(group).values()) goneAfter(member, coherence === 'coherent' ? 0 : BOUND_MS);
  }

  /** Checks the members upstream. No removal may be in flight or still be applied. */
  upstreamAre(group: Group, numbers: readonly string[]): void {
    const { name, scope } = group;
    for (const [number, member] of this.#of(group)) {
      const there = numbers.includes(number);
      if (there && member.acknowledged) {
        this.findings.violated(
          'lost',
          scope,
          name,
          `the removal of ${number} was acknowledged, but upstream has it`,
        );
      } else if (there) {
        member.leaving = false;
      } else if (!member.leaving) {
        this.findings.violated('phantom', scope, name, `${number} is gone, but no writer removed it`);
        member.leaving = true;
      } else {
        goneAfter(member, BOUND_MS);
      }
    }
  }

  /** Checks the members that a read starting at `atMs` showed. `complete`: the group existed all the time. */
  endRead(
    group: Group,
    atMs: number,
    shown: ReadonlySet<string>,
    { lagging, mayMiss, complete }: Excuse & { readonly complete: boolean },
    how: () => string,
  ): void {
    const { name, scope } = group;
    const members = this.#of(group);
    const goneBeforeMs = lagging ? atMs - LAG_ALLOWANCE_MS : atMs;
    for (const [number, { joinedAtMs, goneFromMs, leaving }] of members) {
      if (shown.has(number)) {
        if (goneFromMs <= goneBeforeMs)
          this.findings.violated('stale', scope, name, `shows ${number}, which was removed: ${how()}`);
      } else if (complete && !leaving && !mayMiss && joinedAtMs + MEMBER_SHOWN_MS <= atMs) {
        this.findings.violated('missing', scope, name, `does not show ${number}: ${how()}`);
      }
    }
    for (const number of shown)
      if (!members.has(number))
        this.findings.violated('phantom', scope, name, `shows ${number}, which never joined: ${how()}`);
  }

  #of(group: Group): Map<string, Member> {
    const members = this.#members.get(group) ?? new Map<string, Member>();
    this.#members.set(group, members);
    return members;
  }
}

function goneAfter(member: Member, ms: number): void {
  member.leaving = true;
  member.goneFromMs = Math.min(member.goneFromMs, performance.now() + ms);
}
