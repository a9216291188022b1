import { type CircuitBreakerPolicy, CircuitState, circuitBreaker, handleWhenResult } from 'cockatiel';
import { RecentFailures } from './recent-failures.js';

/** How long no call is sent before one is tried. */
export const PAUSE_MS = 1_000;

export interface CircuitOptions<Outcome> {
  readonly leastCalls: number;
  readonly isFailure: (outcome: Outcome) => boolean;
  /** Called when calls are stopped, and when they go on. */
  readonly onChange: (isBroken: boolean) => void;
}

/** Stops calls for a second while most of them fail, then lets one decide whether all go on. */
export class Circuit<Outcome> {
  #recent: RecentFailures;
  #policy: CircuitBreakerPolicy;
  #openedAtMs = Number.NEGATIVE_INFINITY;
  #isBroken = false;

  constructor(private readonly options: CircuitOptions<Outcome>) {
    this.#recent = new RecentFailures(options.leastCalls);
    this.#policy = this.#closed();
  }

  get isClosed(): boolean {
    return this.#policy.state === CircuitState.Closed;
  }

  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Whether a call would not be sent. */
  get refuses(): boolean {
    return this.#isPausing || this.#policy.state === CircuitState.HalfOpen;
  }

  /** Call it with the outcome of a call before {@link execute} returns it. */
  note(tenant: string, outcome: Outcome): void {
    this.#recent.note(tenant, this.options.isFailure(outcome));
  }

  /** Throws the library's `BrokenCircuitError` if the call was not sent. */
  execute<T extends Outcome>(send: () => Promise<T>): Promise<T> {
    return this.#policy.execute(send);
  }

  /** The library uses the wall clock. If that was set back, its pause would not end. */
  endOverduePause(): void {
    if (this.#policy.state === CircuitState.Open && !this.#isPausing) this.#policy = this.#closed();
  }

  get #isPausing(): boolean {
    return this.#policy.state === CircuitState.Open && performance.now() - this.#openedAtMs < PAUSE_MS;
  }

  #closed(): CircuitBreakerPolicy {
    this.#recent = new RecentFailures(this.options.leastCalls);
    const policy = circuitBreaker(
      handleWhenResult((outcome) => this.options.isFailure(outcome as Outcome)),
      { breaker: this.#recent, halfOpenAfter: PAUSE_MS },
    );
    policy.onStateChange((state) => this.#note(state));
    return policy;
  }

  #note(state: CircuitState): void {
    const isOpen = state === CircuitState.Open;
    if (isOpen) this.#openedAtMs = performance.now();
    // It opens again after each call that was tried and failed.
    if (state === CircuitState.HalfOpen || this.#isBroken === isOpen) return;
    this.#isBroken = isOpen;
    this.options.onChange(isOpen);
  }
}
