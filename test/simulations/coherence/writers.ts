import { setTimeout as sleep } from 'node:timers/promises';
import type { SandboxControl } from '../../support/sandbox-control.js';
import { type Group, newNumbers, type Scope, type Upstream, upstreamNow } from './groups.js';
import type { ListsUnderWay } from './lists-under-way.js';
import type { Random } from './random.js';
import { readGroup, readList, readMembers } from './reads.js';
import { INTENT_MS } from './settings.js';
import type { Replica } from './stage.js';
import type { Outcome, WriteKind } from './tally.js';
import { create, destroy, remove, update, type WriteLoad } from './writes.js';

const LEAST_PAUSE_MS = 200;
const MOST_PAUSE_MS = 900;
/** The share of writes that wait for a list in flight, which they then make outdated, and how long they wait. */
const AMBUSH_SHARE = 0.5;
const AMBUSH_MS = 400;
const LOOK_MS = 4;
/** Tolerance for calls that a busy machine delivers late. */
const LATE_MS = 500;
const SHARES: Readonly<Record<Exclude<WriteKind, 'update'>, number>> = {
  create: 0.12,
  delete: 0.1,
  removal: 0.12,
};
/** Maximum number of temporary groups per writer, so that a scope fits on the page that readers request. */
const MOST_PASSING = 3;

export interface WriterLoad extends WriteLoad {
  readonly sandbox: SandboxControl;
  readonly lists: ListsUnderWay;
}

/**
 * The only writer of its groups, permanent and temporary, so that the last write of each group is known. After a write
 * with an unknown outcome, it does not touch the group until that write can no longer be applied.
 */
export class Writer {
  /** One of each kind first, so that a short run has all of them. */
  readonly #first: WriteKind[] = ['create', 'removal', 'update', 'delete'];
  readonly #passing = new Set<Group>();
  readonly #leftAloneUntilMs = new Map<Group, number>();

  constructor(
    private readonly load: WriterLoad,
    private readonly lasting: readonly Group[],
    private readonly random: Random,
  ) {}

  async writeAgainAndAgain(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(this.random.between(LEAST_PAUSE_MS, MOST_PAUSE_MS));
      await this.#writeOnce();
    }
  }

  async #writeOnce(): Promise<void> {
    const { random } = this;
    const kind = this.#draw();
    const replica = random.pick(this.load.replicas);
    const group = kind === 'create' ? this.#newGroup() : random.pick(this.#choice(kind));
    if (performance.now() < (this.#leftAloneUntilMs.get(group) ?? 0)) return;
    const upstream = kind === 'create' ? undefined : await lookUpstream(this.load, group);
    if (kind !== 'create' && !upstream) {
      this.#passing.delete(group);
      return;
    }
    if (random.next() < AMBUSH_SHARE) await listUnderWay(this.load, group.scope);
    const outcome = await this.#write(kind, group, upstream?.members ?? [], replica);
    if (outcome === 'coherent') await readAtOnce(this.load, kind, group);
    if (outcome === 'unknown') this.#leftAloneUntilMs.set(group, performance.now() + INTENT_MS + LATE_MS);
  }

  #draw(): WriteKind {
    const kind = this.#first.shift() ?? this.#drawAny();
    if (kind === 'create' && this.#passing.size >= MOST_PASSING) return 'delete';
    return kind === 'delete' && this.#passing.size === 0 ? 'create' : kind;
  }

  #drawAny(): WriteKind {
    let place = this.random.next();
    for (const kind of ['create', 'delete', 'removal'] as const) {
      place -= SHARES[kind];
      if (place < 0) return kind;
    }
    return 'update';
  }

  #choice(kind: WriteKind): Group[] {
    return kind === 'delete' ? [...this.#passing] : [...this.lasting, ...this.#passing];
  }

  #newGroup(): Group {
    const { scope } = this.random.pick(this.lasting);
    const group = { scope, name: `${scope.name}t${scope.groups.size}`, id: undefined, passing: true };
    this.load.checker.add(group, false);
    scope.groups.set(group.name, group);
    this.#passing.add(group);
    return group;
  }

  async #write(
    kind: WriteKind,
    group: Group,
    present: readonly string[],
    replica: Replica,
  ): Promise<Outcome> {
    const { load } = this;
    switch (kind) {
      case 'update':
        return update(load, group, replica);
      case 'create':
        return create(load, group, replica);
      case 'delete': {
        const outcome = await destroy(load, group, replica);
        if (outcome === 'coherent' || outcome === 'bounded') this.#passing.delete(group);
        return outcome;
      }
      case 'removal': {
        if (load.members.staying(group).length === 0) await join(load, group, present);
        return remove(load, group, this.random.pick(load.members.staying(group)), replica);
      }
    }
  }
}

/**
 * Reports the state of a group upstream to the checkers. Call it while no write is in flight. `undefined` if it does
 * not exist.
 */
export async function lookUpstream(load: WriterLoad, group: Group): Promise<Upstream | undefined> {
  const { sandbox, checker, members, findings } = load;
  const [upstream, ...more] = await upstreamNow(sandbox, group);
  if (more.length > 0)
    findings.violated('phantom', group.scope, group.name, 'exists upstream more than once');
  checker.upstreamIs(group, upstream?.write);
  if (!upstream) return undefined;
  group.id = upstream.id;
  members.upstreamAre(group, upstream.members);
  return upstream;
}

/** Adds new members outside the gateway, as if they had joined by invite link. */
async function join(
  { sandbox, members }: WriterLoad,
  group: Group,
  present: readonly string[],
): Promise<void> {
  const numbers = newNumbers();
  await sandbox.changeGroup({ op: 'update', groupId: group.id, participants: [...present, ...numbers] });
  members.joined(group, numbers);
}

/** Reads a written group at once through every replica, first the data that a replica may not know about. */
async function readAtOnce(load: WriterLoad, kind: WriteKind, group: Group): Promise<void> {
  await Promise.all(
    load.replicas.flatMap((replica) => {
      const reads = [];
      if ((kind === 'create' || kind === 'delete') && group.id !== undefined)
        reads.push(readGroup(load, group, replica));
      if (kind === 'removal') reads.push(readMembers(load, group, replica));
      return [...reads, readList(load, group.scope, replica)];
    }),
  );
}

/** Waits until a list of the scope is in flight, but not longer than the limit. */
async function listUnderWay({ lists }: WriterLoad, { businessNumber }: Scope): Promise<void> {
  const endMs = performance.now() + AMBUSH_MS;
  while (!lists.any(businessNumber) && performance.now() < endMs) await sleep(LOOK_MS);
}
