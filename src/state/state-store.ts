/** An entry as the store holds it. */
export interface StateEntry {
  readonly value: string;
  /** Unique for each write of the entry. */
  readonly version: string;
  /** Since this version was written, in ms, by the store's clock. */
  readonly ageMs: number;
}

/** What is written in place of `expected`, the version that the writer has seen; `undefined`: there must be none. */
export interface StateWrite {
  readonly expected: string | undefined;
  /** Chosen by the writer, unique; a write that is repeated with it is done once. */
  readonly version: string;
  readonly value: string;
  readonly lifeMs: number;
}

/**
 * Small records that outlive a process: what became of writes, operations, locks. Every change is a compare-and-set.
 * Each method may throw `StateUnavailable`; the change may then have happened, may happen later, or never.
 */
export interface StateStore {
  read(key: string): Promise<StateEntry | undefined>;
  /** Whether the entry now holds what was written. */
  write(key: string, write: StateWrite): Promise<boolean>;
  /** Gives an entry another life, counted from now. Whether it still had this version. */
  extend(key: string, version: string, lifeMs: number): Promise<boolean>;
  remove(key: string, version: string): Promise<boolean>;
  /** A set of names, for work that anybody may take up. */
  members(key: string): Promise<readonly string[]>;
  addMember(key: string, member: string): Promise<void>;
  removeMember(key: string, member: string): Promise<void>;
}

/** The state store did not confirm a step in time. */
export class StateUnavailable extends Error {
  override readonly name = 'StateUnavailable';
}

/** What replicas know together; without a state Redis, what this process knows. */
export const STATE_STORE = Symbol('STATE_STORE');
/** The same, for what goes on in this process while the shared store is out of reach. */
export const LENIENT_STATE_STORE = Symbol('LENIENT_STATE_STORE');
