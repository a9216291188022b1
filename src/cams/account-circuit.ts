import { type CircuitOptions, PAUSE_MS } from './circuit.js';
import { RecentFailures } from './recent-failures.js';

/** What an outcome says about CAMS. */
export interface Judge<Outcome> {
  /** Tells failures of CAMS from refusals, which never stop anything. */
  readonly isFailure: (outcome: Outcome) => boolean;
  /** Whether the call was given up because its client left. */
  readonly isAbandoned: (outcome: Outcome) => boolean;
}

/** A call that is tried for a tenant while most calls of the account fail. */
interface Trial {
  isUnderWay: boolean;
  /** `performance.now()` */
  endedAtMs: number;
}

/** Calls that are tried in a second, at most, if many tenants call. */
const TRIALS_A_SECOND = 10;
/** Tenants whose calls must fail. One alone could make its calls fail on purpose, and has a circuit of its own. */
const LEAST_TENANTS = 2;

/**
 * Stops the calls of an account while most of them fail, those of two tenants at least, except that each tenant tries one and
 * then one a second. The first success of any tenant closes the circuit, so a tenant whose calls fail or hang cannot keep it open.
 */
export class AccountCircuit<Outcome> {
  readonly #recent: RecentFailures;
  /** By tenant. Missing while calls are sent. */
  #trials: Map<string, Trial> | undefined;

  constructor(private readonly options: CircuitOptions<Outcome> & Judge<Outcome>) {
    this.#recent = new RecentFailures(options.leastCalls, LEAST_TENANTS);
  }

  get isBroken(): boolean {
    return this.#trials !== undefined;
  }

  /** Whether a call of the tenant would not be sent. */
  refuses(tenant: string): boolean {
    const trial = this.#trials?.get(tenant);
    return trial !== undefined && (trial.isUnderWay || performance.now() - trial.endedAtMs < this.#pauseMs);
  }

  async run<T extends Outcome>(tenant: string, send: () => Promise<T>): Promise<T> {
    const trials = this.#trials;
    const trial = { isUnderWay: true, endedAtMs: 0 };
    trials?.set(tenant, trial);
    try {
      const outcome = await send();
      this.#note(tenant, outcome, trials);
      return outcome;
    } finally {
      trial.isUnderWay = false;
      trial.endedAtMs = performance.now();
    }
  }

  forgetTenant(tenant: string): void {
    this.#trials?.delete(tenant);
    this.#recent.forgetTenant(tenant);
  }

  /** `trials`: those of the outage in which the call was sent. */
  #note(tenant: string, outcome: Outcome, trials: Map<string, Trial> | undefined): void {
    // Clients decide how long such a call takes, so it counts for their tenant alone.
    if (this.options.isAbandoned(outcome)) return;
    const hasFailed = this.options.isFailure(outcome);
    // A call that was sent before this outage does not show that others succeed now.
    if (this.isBroken && trials === this.#trials && !hasFailed) return this.#goOn();
    this.#recent.note(tenant, hasFailed);
    if (this.isBroken || !hasFailed || !this.#recent.mostlyFailing) return;
    this.#trials = new Map();
    this.options.onChange(true);
  }

  #goOn(): void {
    this.#trials = undefined;
    this.#recent.forget();
    this.options.onChange(false);
  }

  get #pauseMs(): number {
    return PAUSE_MS * Math.max(1, (this.#trials?.size ?? 0) / TRIALS_A_SECOND);
  }
}
