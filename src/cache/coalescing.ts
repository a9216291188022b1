import type { Interest } from '../request/interest.js';
import { noteShared, withOwnSpan } from '../tracing/tracing.js';

/** Work that starts later, for all callers that wait for it. */
export class LaterWork<T> {
  readonly #callers: { readonly interest: Interest; readonly start: () => Promise<T> }[] = [];

  add(interest: Interest, start: () => Promise<T>): void {
    this.#callers.push({ interest, start: withOwnSpan(start) });
  }

  /** Starts the work of the latest caller that has not left, which has the most time left. The others share it. */
  start(): Promise<T> {
    const chosen = this.#callers.findLast(({ interest }) => !interest.isLost) ?? this.#callers.at(-1);
    if (chosen === undefined) throw new Error('Nobody waits for this work.');
    const work = chosen.start();
    for (const { interest } of this.#callers) chosen.interest.sharedWith(interest, work);
    return work;
  }
}

interface Run<T> {
  readonly current: Promise<T>;
  next: { readonly work: LaterWork<T>; readonly result: Promise<T> } | undefined;
}

/**
 * Trailing coalescing: at most one run in flight and one queued per key. A caller that arrives while a run is in flight
 * never joins it, because that run may have started before a change that the caller must see. All such callers share
 * the next run.
 */
export class TrailingCoalescer<T> {
  readonly #runs = new Map<string, Run<T>>();

  run(key: string, interest: Interest, start: () => Promise<T>): Promise<T> {
    const run = this.#runs.get(key);
    if (!run) return this.#start(key, start);
    run.next ??= this.#startAfter(run.current, key);
    noteShared();
    run.next.work.add(interest, start);
    return run.next.result;
  }

  #startAfter(current: Promise<T>, key: string): NonNullable<Run<T>['next']> {
    const work = new LaterWork<T>();
    const startNext = (): Promise<T> => this.#start(key, () => work.start());
    return { work, result: current.then(startNext, startNext) };
  }

  #start(key: string, start: () => Promise<T>): Promise<T> {
    const current = start();
    const run: Run<T> = { current, next: undefined };
    this.#runs.set(key, run);
    const forget = (): void => {
      if (this.#runs.get(key) === run && run.next === undefined) this.#runs.delete(key);
    };
    current.then(forget, forget);
    return current;
  }
}

/**
 * Merges all calls with the same key within one tick of the event loop into one. Callers that arrive after it was sent
 * do not join it.
 */
export class TickBatcher<T, Caller = void> {
  readonly #waiting = new Map<string, { readonly call: Promise<T>; readonly callers: Caller[] }>();

  /** `send` gets all callers. */
  call(key: string, send: (callers: readonly Caller[]) => Promise<T>, caller: Caller): Promise<T> {
    const waiting = this.#waiting.get(key);
    if (waiting) {
      waiting.callers.push(caller);
      return waiting.call;
    }
    const callers = [caller];
    const call = new Promise<T>((resolve, reject) => {
      setImmediate(() => {
        this.#waiting.delete(key);
        send(callers).then(resolve, reject);
      });
    });
    this.#waiting.set(key, { call, callers });
    return call;
  }
}

/** Pauses by key: callers that join a pause wake up together, so that they can share their next call. */
export class SharedPauses {
  readonly #pauses = new Map<string, Promise<unknown>>();

  constructor(private readonly pause: (ms: number) => Promise<unknown>) {}

  wait(key: string, ms: number): Promise<unknown> {
    const waiting = this.#pauses.get(key);
    if (waiting) return waiting;
    const pause = this.pause(ms).finally(() => this.#pauses.delete(key));
    this.#pauses.set(key, pause);
    return pause;
  }
}
