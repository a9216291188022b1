/** A set of writers, or of their mutations, since each writer mutates once: bit n is writer n. */
export type Writers = number;

/** `T:m`. There is no time: `quarantine` and `settle` name the mutations they must outlast. */
export interface Meta {
  readonly generation: number;
  readonly intents: Writers;
  readonly quarantine: Writers;
  readonly settle: Writers;
  /** Its epoch differs from that of the server that now holds it. */
  readonly foreign: boolean;
}

/** `T:p:…`: the generation it was stored under and the mutations that its list shows. */
export interface Page {
  readonly generation: number;
  readonly payload: Writers;
}

/** The fields `lt` and `lg` of the page. */
export interface Lease {
  readonly token: number;
  readonly generation: number;
}

/** The keys in Redis; a snapshot or a lagging replica is an older copy. */
export interface Keys {
  readonly meta: Meta | null;
  readonly page: Page | null;
  readonly lease: Lease | null;
}

export type Age = 'fresh' | 'stale' | 'old';

/** A script call to Redis. Fields that its script does not use are 0. */
export interface Command {
  readonly script: 'read' | 'store' | 'fail' | 'begin' | 'end' | 'bump';
  readonly writer: number;
  readonly token: number;
  readonly generation: number;
  readonly payload: Writers;
  /** The age of a page of the current generation when the script runs: chosen beforehand, because there is no clock. */
  readonly age: Age;
}

export type WriterPhase = 'idle' | 'calling' | 'unknown' | 'unresolved' | 'ending' | 'done';

export type ReaderPhase = 'idle' | 'leading' | 'storing' | 'joined' | 'answering';

export interface Reader {
  readonly phase: ReaderPhase;
  /** The mutations acknowledged as coherent when this read started. */
  readonly must: Writers;
  readonly generation: number;
  readonly token: number;
  /** Its list; while leading, the old page that stale-if-error may serve; or `NO_LIST`. */
  readonly payload: number;
  /** The reader whose flight it joined. */
  readonly flight: number;
}

/** One scope with one page, its readers and writers, and the commands in flight. */
export interface State extends Keys {
  readonly applied: Writers;
  /** The mutations that a list shows: all applied ones, unless the upstream lags. */
  readonly visible: Writers;
  /** Mutations whose reply was lost: each may be applied later, or never. */
  readonly late: Writers;
  readonly acknowledged: Writers;
  /** Calls that Redis may have forgotten if it has been up for less than TQ + 1 s; 0 after that. */
  readonly young: Writers;
  readonly snapshot: Keys | null;
  /** Commands that timed out or were duplicated: each runs later, or never. */
  readonly inFlight: readonly Command[];
  readonly writers: readonly WriterPhase[];
  readonly readers: readonly Reader[];
  readonly faultsLeft: number;
  /** Sources of unique names; ignored when states are compared. */
  readonly nextGeneration: number;
  readonly nextToken: number;
}

export const NO_LIST = -1;

export const IDLE: Reader = { phase: 'idle', must: 0, generation: 0, token: 0, payload: NO_LIST, flight: 0 };

/** Returns a state with nothing written, cached or in flight. */
export function initialState(readers: number, writers: number, faults: number): State {
  return {
    applied: 0,
    visible: 0,
    late: 0,
    acknowledged: 0,
    young: 0,
    meta: null,
    page: null,
    lease: null,
    snapshot: null,
    inFlight: [],
    writers: Array.from({ length: writers }, () => 'idle' as const),
    readers: Array.from({ length: readers }, () => IDLE),
    faultsLeft: faults,
    nextGeneration: 1,
    nextToken: 1,
  };
}

/** Returns the mutations that may still reach the upstream. */
export function underWay(state: State): Writers {
  return state.writers.reduce<Writers>(
    (calls, phase, writer) => (phase === 'calling' ? calls | (1 << writer) : calls),
    state.late,
  );
}

/**
 * Returns what Redis must wait for after losing its data: calls in flight, and mutations that lists do not show yet.
 */
export function forgettable(state: State): number {
  return underWay(state) | (state.applied & ~state.visible);
}

/** Returns the state with one writer in another phase. */
export function withWriter(state: State, writer: number, phase: WriterPhase): State {
  return { ...state, writers: state.writers.with(writer, phase) };
}

/** Returns the state with one reader changed. */
export function withReader(state: State, reader: number, change: Partial<Reader>): State {
  return {
    ...state,
    readers: state.readers.with(reader, { ...(state.readers[reader] ?? IDLE), ...change }),
  };
}

/** Formats a set of writers: "w0+w1" or "nothing". */
export function named(writers: Writers): string {
  return NAMES[writers] ?? String(writers);
}

const NAMES = Array.from({ length: 16 }, (_, writers) => {
  const names = ['w0', 'w1', 'w2', 'w3'].filter((_name, writer) => writers & (1 << writer));
  return names.join('+') || 'nothing';
});
