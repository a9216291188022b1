import type { State } from './state.js';

/** Steps of docs/coherence.md that a variant can omit or get wrong; `PROTOCOL` has each one as documented. */
export interface Protocol {
  /**
   * Where generations come from: unique names from the server, a counter in `T:m`, the sender of the command, or none.
   */
  readonly generation: 'random' | 'counter' | 'client' | 'none';
  /** Discards a `T:m` of another epoch. */
  readonly epoch: boolean;
  /** After a loss, a new `T:m` blocks stores until earlier calls are over. */
  readonly quarantine: boolean;
  /** `begin` starts a new generation. */
  readonly bumpBefore: boolean;
  /** `end` starts a new generation. */
  readonly bumpAfter: boolean;
  /** `begin` marks the write as in progress. */
  readonly intent: boolean;
  /** `end` deletes the page, lease included. */
  readonly deleteAfter: boolean;
  /** `store` refuses a list of another generation; otherwise it treats every list as one of the current generation. */
  readonly storeComparesGeneration: boolean;
  /** One leader per page and generation: the others wait, and `store` refuses a reader that lost the lease. */
  readonly lease: boolean;
  /** Lists that the settle window keeps out of the cache: those sent in it, those arriving in it, or none. */
  readonly settle: 'sent' | 'arriving' | 'none';
  /** In-process flights that a reader may join: those of the generation just read, or any. */
  readonly join: 'generation' | 'any';
  /** Uncached lists that a reader may join: those not yet sent, or any. */
  readonly trailing: 'queued' | 'any';
  /** After an unknown outcome, the intent stays until it expires. */
  readonly unknownKeepsIntent: boolean;
  /** A response is coherent only after a confirmed `end`. */
  readonly coherentNeedsEnd: boolean;
  /** Reconciling an unknown outcome starts a new generation before reporting it. */
  readonly reconcileBumps: boolean;
}

export const PROTOCOL: Protocol = {
  generation: 'random',
  epoch: true,
  quarantine: true,
  bumpBefore: true,
  bumpAfter: true,
  intent: true,
  deleteAfter: false,
  storeComparesGeneration: true,
  lease: true,
  settle: 'sent',
  join: 'generation',
  trailing: 'queued',
  unknownKeepsIntent: true,
  coherentNeedsEnd: true,
  reconcileBumps: true,
};

export const FAULTS = [
  'redis timeout',
  'duplicate delivery',
  'restart empty',
  'meta evicted',
  'page evicted',
  'rollback',
  'failover',
  'writer crash',
  'lost reply',
  'early expiry',
  'list fails',
] as const;
export type Fault = (typeof FAULTS)[number];

/** Limits of an exploration. A reader keeps reading; a writer writes once. */
export interface Bounds {
  readonly readers: number;
  readonly writers: number;
  readonly coherence: 'available' | 'strict';
  /** Lists may lag behind applied mutations. */
  readonly lag: boolean;
  readonly faults: readonly Fault[];
  /** Maximum number of faults per run: 2 covers every pair of kinds, and each kind twice. */
  readonly atMost: number;
  /** Checked in addition to the promise: see invariants.ts. */
  readonly visiblePageIsComplete?: boolean;
  readonly oneListPerGeneration?: boolean;
}

export interface Model {
  readonly protocol: Protocol;
  readonly bounds: Bounds;
}

/** A possible next step. */
export interface Step {
  readonly label: string;
  readonly next: State;
  readonly violation?: string | undefined;
}

/** Whether this kind of fault can still happen. */
export function mayFail(state: State, model: Model, fault: Fault): boolean {
  return state.faultsLeft > 0 && model.bounds.faults.includes(fault);
}

/** Returns the state with one fault spent. Drops the snapshot if no fault is left that could restore it. */
export function spent(state: State): State {
  const faultsLeft = state.faultsLeft - 1;
  return { ...state, faultsLeft, snapshot: faultsLeft === 0 ? null : state.snapshot };
}
