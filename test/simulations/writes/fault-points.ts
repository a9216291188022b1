import type { Spoiling, Write } from './plan.js';
import type { Replica } from './stage.js';
import type { RecordStep } from './state-tap.js';

/** Where a write stands in a gateway that is killed: its record, and how far it came beyond it. */
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

/** A gateway that was caught in the middle of a write. */
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
  /** What the confirmation of `sent` waits for. */
  readonly caught: (caught: Caught) => Promise<void>;
}

/** Sees how far each write has come in each gateway, and hurts the gateway at the very moment that was asked for. */
export class FaultPoints {
  #kill: KillTrap | undefined;
  #freeze: FreezeTrap | undefined;
  readonly #refused = new Set<Write>();
  /** How far each write has come that a gateway is at work on. */
  readonly #standing = new Map<Replica, Map<Write, KillPoint>>();
  readonly kills = new Map<KillPoint, number>(KILL_POINTS.map((point) => [point, 0]));
  readonly spoilt = new Map<Spoiling, number>();
  /** Calls of each write that arrived, but for those that were refused without being executed. */
  readonly calls = new Map<Write, number>();

  constructor(private readonly byRecord: ReadonlyMap<string, Write>) {}

  /** Kills the gateway of the next write that comes to this point. */
  kill(trap: KillTrap | undefined): void {
    this.#kill = trap;
  }

  /** Freezes the gateway of the next write whose `sent` is confirmed. */
  freeze(trap: FreezeTrap | undefined): void {
    this.#freeze = trap;
  }

  /** Before a step of a record passes to the store. */
  asked(replica: Replica, { key, state }: RecordStep): boolean {
    const write = this.byRecord.get(key);
    if (!write || replica.dead) return !replica.dead;
    if (state === 'sent' && this.#catch('started', replica, write)) return false;
    return !(state === 'done' && this.#catch('before done', replica, write));
  }

  /** Before the confirmation of a step passes to the gateway. */
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

  /** The gateway is gone: whatever it was at work on was killed with it. */
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
