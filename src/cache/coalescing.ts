interface Run<T> {
  readonly current: Promise<T>;
  next: Promise<T> | undefined;
  /** The call that the next run makes: the latest comer's, who has the most time left. */
  startNext: (() => Promise<T>) | undefined;
}

/**
 * Trailing coalescing: for each key at most one run is under way and one is queued. Who comes while one is under way
 * never joins it, since it may have begun before something that this reader must see; all such readers share the next.
 */
export class TrailingCoalescer<T> {
  readonly #runs = new Map<string, Run<T>>();

  run(key: string, start: () => Promise<T>): Promise<T> {
    const run = this.#runs.get(key);
    if (!run) return this.#start(key, start);
    run.startNext = start;
    const startNext = (): Promise<T> => this.#start(key, run.startNext ?? start);
    run.next ??= run.current.then(startNext, startNext);
    return run.next;
  }

  #start(key: string, start: () => Promise<T>): Promise<T> {
    const current = start();
    const run: Run<T> = { current, next: undefined, startNext: undefined };
    this.#runs.set(key, run);
    const forget = (): void => {
      if (this.#runs.get(key) === run && run.next === undefined) this.#runs.delete(key);
    };
    current.then(forget, forget);
    return current;
  }
}

/**
 * Calls that may be shared by who arrives before they are sent, and by nobody afterwards: all that is asked within one
 * turn of the event loop goes out as one.
 */
export class TickBatcher<T> {
  readonly #waiting = new Map<string, Promise<T>>();

  call(key: string, send: () => Promise<T>): Promise<T> {
    const waiting = this.#waiting.get(key);
    if (waiting) return waiting;
    const call = new Promise<T>((resolve, reject) => {
      setImmediate(() => {
        this.#waiting.delete(key);
        send().then(resolve, reject);
      });
    });
    this.#waiting.set(key, call);
    return call;
  }
}

/** Pauses by key: who comes while one lasts wakes up with the others, so that they do next what can be shared. */
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
