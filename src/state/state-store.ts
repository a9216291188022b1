/** A stored entry. */
export interface StateEntry {
  readonly value: string;
  /** Unique for each write of the entry. */
  readonly version: string;
  /** Time since this version was written, in ms, by the store's clock. */
  readonly ageMs: number;
}

/** A write that replaces the version `expected`. If `expected` is `undefined`, the entry must not exist. */
export interface StateWrite {
  readonly expected: string | undefined;
  /** Unique, chosen by the writer. A write repeated with the same version is applied once. */
  readonly version: string;
  readonly value: string;
  readonly lifeMs: number;
}

/**
 * Small records that outlive a process: outcomes of writes, operations, locks. Every change is a compare-and-set.
 * Each method may throw `StateUnavailable`: the change may then have happened, may happen later, or may never happen.
 */
export interface StateStore {
  read(key: string): Promise<StateEntry | undefined>;
  /** Returns whether the entry now contains what was written. */
  write(key: string, write: StateWrite): Promise<boolean>;
  /** Sets the lifetime of an entry, counted from now. Returns whether it still had this version. */
  extend(key: string, version: string, lifeMs: number): Promise<boolean>;
  remove(key: string, version: string): Promise<boolean>;
  /** Returns a set of names, for work that any process may take up. */
  members(key: string): Promise<readonly string[]>;
  addMember(key: string, member: string): Promise<void>;
  removeMember(key: string, member: string): Promise<void>;
}

/** The state store did not confirm a step in time. */
export class StateUnavailable extends Error {
  override readonly name = 'StateUnavailable';
}

/** State shared by all replicas, or, without a state Redis, kept in this process only. */
export const STATE_STORE = Symbol('STATE_STORE');
/** The same, for work that continues in this process while the shared store is unavailable. */
export const LENIENT_STATE_STORE = Symbol('LENIENT_STATE_STORE');
