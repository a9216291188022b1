import type { StateShare } from './state-share.js';

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
  /** Counts a new entry against this share. Entries without one, such as locks, are few and short-lived. */
  readonly share?: StateShare;
  /**
   * Throws while the shared store is unavailable, instead of keeping a new entry in this process: for what a write with an
   * idempotency key relies on after this process has died.
   */
  readonly sharedOnly?: boolean;
}

/** A name to add to an index. Names sort by their bytes; the greatest is the newest. */
export interface IndexEntry {
  readonly name: string;
  /** Names below this one have expired and are removed. */
  readonly oldest: string;
  /** Maximum number of names; the oldest beyond it are removed. */
  readonly maxNames: number;
  /** How long the index outlives its last addition. */
  readonly lifeMs: number;
}

/** A part of an index. */
export interface IndexRange {
  readonly count: number;
  /** Only names below this one. */
  readonly below?: string | undefined;
}

/**
 * Small records that outlive a process: outcomes of writes, operations, locks. Every change is a compare-and-set.
 * Each method may throw `StateUnavailable`: the change may then have happened, may happen later, or may never happen.
 */
export interface StateStore {
  read(key: string): Promise<StateEntry | undefined>;
  /** Throws `RATE_LIMITED` if the share has no room for one more record. */
  requireRoom(share: StateShare): Promise<void>;
  /**
   * Returns whether the entry now contains what was written. Throws `RATE_LIMITED` if it would be new and its share is used
   * up. A store that is full refuses new entries and never evicts others.
   */
  write(key: string, write: StateWrite): Promise<boolean>;
  /** Sets the lifetime of an entry, counted from now. Returns whether it still had this version. */
  extend(key: string, version: string, lifeMs: number): Promise<boolean>;
  /** Gives the entry back to the share that it was counted against. */
  remove(key: string, version: string, share?: StateShare): Promise<boolean>;
  /** Returns a set of names, for work that any process may take up. */
  members(key: string): Promise<readonly string[]>;
  addMember(key: string, member: string, options?: Pick<StateWrite, 'sharedOnly'>): Promise<void>;
  removeMember(key: string, member: string): Promise<void>;
  /** Adds a name to a bounded index. */
  addToIndex(key: string, entry: IndexEntry, options?: Pick<StateWrite, 'sharedOnly'>): Promise<void>;
  removeFromIndex(key: string, name: string): Promise<void>;
  /** Returns names of an index, newest first. */
  index(key: string, range: IndexRange): Promise<readonly string[]>;
}

/** The state store did not confirm a step in time. */
export class StateUnavailable extends Error {
  override readonly name = 'StateUnavailable';
}

/** State shared by all replicas, or, without a state Redis, kept in this process only. */
export const STATE_STORE = Symbol('STATE_STORE');
/** The same, for work that continues in this process while the shared store is unavailable. */
export const LENIENT_STATE_STORE = Symbol('LENIENT_STATE_STORE');
