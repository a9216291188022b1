import type { Spoiling, Write } from './plan.js';
import type { Replica } from './stage.js';
import type { RecordStep } from './state-tap.js';

/** The progress of a write when its gateway is killed: the state of its record, and what happened after that. */
export const KILL_POINTS = [
  'started',
  'sent',
  'sent, called',
  'sent, executed',
  'applied',
  'before done',
  'done',
] as const;
export type KillPoint = (typeof KILL_POINTS)[number];

/** A gateway that was hit in the middle of a write. */
export interface Caught {
  readonly replica: Replica;
  readonly write: Write;
}

interface KillTrap {
  readonly point: KillPoint;
  readonly spare: ReadonlySet<Replica>;
  readonly caught: (caught: Caught) => void;
}

interface FreezeTrap {
  readonly spare: ReadonlySet<Replica>;
  readonly suits: (write: Write) => boolean;
  /** Returns the promise that the confirmation of `sent` waits for. */
  readonly caught: (caught: Caught) => Promise<void>;
}

/**
 * Tracks the progress of each write in each gateway, and kills or freezes the gateway at exactly the requested point.
 */
export class FaultPoints {
  #kill: KillTrap | undefined;
  #freeze: FreezeTrap | undefined;
  readonly #refused = new Set<Write>();
  /** The progress of the writes that each gateway is working on. */
  readonly #standing = new Map<Replica, Map<Write, KillPoint>>();
  readonly kills = new Map<KillPoint, number>(KILL_POINTS.map((point) => [point, 0]));
  readonly spoilt = new Map<Spoiling, number>();
  /** The number of calls of each write that arrived, except for those refused without being executed. */
  readonly calls = new Map<Write, number>();

  constructor(private readonly byRecord: ReadonlyMap<string, Write>) {}

  /** Kills the gateway of the next write that reaches this point. */
  kill(trap: KillTrap | undefined): void {
    this.#kill = trap;
  }

  /** Freezes the gateway of the next write whose `sent` is confirmed. */
  freeze(trap: FreezeTrap | undefined): void {
    this.#freeze = trap;
  }

  /** Called before a step of a record passes to the store. */
  asked(replica: Replica, { key, state }: RecordStep): boolean {
    const write = this.byRecord.get(key);
    if (!write || replica.dead) return !replica.dead;
    if (state === 'sent' && this.#catch('started', replica, write)) return false;
    return !(state === 'done' && this.#catch('before done', replica, write));
  }

  /** Called before the confirmation of a step passes to the gateway. */
  confirmed(replica: Replica, { key, state }: RecordStep, done: boolean): Promise<void> | undefined {
    const write = this.byRecord.get(key);
    if (!write || !done || replica.dead) return undefined;
    if (state === 'started') this.#stands(replica, write, 'started');
    else if (state === 'sent') {
      this.#stands(replica, write, 'sent');
      if (!this.#catch('sent', replica, write)) return this.#freezeAt(replica, write);
    } else if (state === 'applied') {
      this.#stands(replica, write, 'applied');
      this.#catch('applied', replica, write);
    } else {
      if (state === 'done') this.#catch('done', replica, write);
      this.#standing.get(replica)?.delete(write);
    }
    return undefined;
  }

  called(replica: Replica, write: Write): Spoiling | 'dead' | undefined {
    const before = this.calls.get(write) ?? 0;
    const spoiling = before === 0 && !this.#refused.has(write) ? write.spoiling : undefined;
    if (spoiling) this.spoilt.set(spoiling, (this.spoilt.get(spoiling) ?? 0) + 1);
    if (spoiling === 'throttled' || spoiling === 'rejected') this.#refused.add(write);
    else this.calls.set(write, before + 1);
    this.#stands(replica, write, 'sent, called');
    return this.#catch('sent, called', replica, write) ? 'dead' : spoiling;
  }

  executed(replica: Replica, write: Write): boolean {
    this.#stands(replica, write, 'sent, executed');
    return !this.#catch('sent, executed', replica, write);
  }

  /** Counts the kill for every write that the gateway was working on. */
  #killed(replica: Replica, at: KillPoint, caught: Write): void {
    this.#count(at);
    for (const [write, point] of this.#standing.get(replica) ?? []) if (write !== caught) this.#count(point);
    this.#standing.delete(replica);
  }

  #count(point: KillPoint): void {
    this.kills.set(point, (this.kills.get(point) ?? 0) + 1);
  }

  #catch(point: KillPoint, replica: Replica, write: Write): boolean {
    const trap = this.#kill;
    if (!trap || trap.point !== point || trap.spare.has(replica) || replica.hurt) return false;
    this.#kill = undefined;
    replica.die();
    this.#killed(replica, point, write);
    trap.caught({ replica, write });
    return true;
  }

  #freezeAt(replica: Replica, write: Write): Promise<void> | undefined {
    const trap = this.#freeze;
    if (!trap || trap.spare.has(replica) || replica.hurt || !trap.suits(write)) return undefined;
    this.#freeze = undefined;
    replica.freeze();
    return trap.caught({ replica, write });
  }

  #stands(replica: Replica, write: Write, point: KillPoint): void {
    if (replica.dead) return;
    const standing = this.#standing.get(replica) ?? new Map<Write, KillPoint>();
    this.#standing.set(replica, standing.set(write, point));
  }
}
