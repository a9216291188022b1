import type { State } from './state.js';

/** Steps of coherence.md that a variant can leave out or do wrongly; `PROTOCOL` has each as the page says. */
export interface Protocol {
  /** Who makes a generation: the server, unique; a counter in `T:m`; the sender of the command; nobody. */
  readonly generation: 'random' | 'counter' | 'client' | 'none';
  /** `T:m` of another epoch is discarded. */
  readonly epoch: boolean;
  /** A new `T:m` after a loss lets nobody store until calls of before are over. */
  readonly quarantine: boolean;
  /** `begin` makes a new generation. */
  readonly bumpBefore: boolean;
  /** `end` makes a new generation. */
  readonly bumpAfter: boolean;
  /** `begin` marks the write as in progress. */
  readonly intent: boolean;
  /** `end` deletes the page, lease included. */
  readonly deleteAfter: boolean;
  /** `store` refuses a list of another generation; else it takes any list for one of the present generation. */
  readonly storeComparesGeneration: boolean;
  /** One leader for a page and generation: the others wait, and `store` refuses who lost the lease. */
  readonly lease: boolean;
  /** Which lists the settle window keeps out: sent in it, arriving in it, or none. */
  readonly settle: 'sent' | 'arriving' | 'none';
  /** Flights of the process that a reader may join: of the generation just read, or any. */
  readonly join: 'generation' | 'any';
  /** Uncached lists that a reader may join: not yet sent, or any. */
  readonly trailing: 'queued' | 'any';
  /** After an unknown outcome the intent stays to its end. */
  readonly unknownKeepsIntent: boolean;
  /** Only a confirmed `end` makes an answer coherent. */
  readonly coherentNeedsEnd: boolean;
  /** Who reconciles an unknown outcome makes a new generation before saying so. */
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

/** How far an exploration goes. Readers read again and again; a writer writes once. */
export interface Bounds {
  readonly readers: number;
  readonly writers: number;
  readonly coherence: 'available' | 'strict';
  /** Lists may lag behind applied mutations. */
  readonly lag: boolean;
  readonly faults: readonly Fault[];
  /** Faults in one run, of any of these kinds: 2 covers every pair, and each kind twice. */
  readonly atMost: number;
  /** Also checked, beside the promise itself: see invariants.ts. */
  readonly visiblePageIsComplete?: boolean;
  readonly oneListPerGeneration?: boolean;
}

export interface Model {
  readonly protocol: Protocol;
  readonly bounds: Bounds;
}

/** One thing that can happen next. */
export interface Step {
  readonly label: string;
  readonly next: State;
  readonly violation?: string | undefined;
}

/** Whether this kind of fault can still happen. */
export function mayFail(state: State, model: Model, fault: Fault): boolean {
  return state.faultsLeft > 0 && model.bounds.faults.includes(fault);
}

/** The same state with one fault spent. A snapshot that nothing can bring back any more is forgotten. */
export function spent(state: State): State {
  const faultsLeft = state.faultsLeft - 1;
  return { ...state, faultsLeft, snapshot: faultsLeft === 0 ? null : state.snapshot };
}
