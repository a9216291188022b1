import { GatewayError } from '../errors/gateway-error.js';
import { randomToken } from '../util/random-token.js';
import type { CacheTelemetry } from './cache-telemetry.js';
import type { PendingInvalidations } from './pending-invalidations.js';
import { type PageStore, StoreUnavailable } from './stores/page-store.js';

/** What a write promises to reads that start after its response. */
export type CoherenceLevel = 'COHERENT' | 'BOUNDED';

export interface WriteIntentOptions {
  /** `strict`: writes are refused while the store is unavailable. */
  readonly coherence: 'available' | 'strict';
  /** Deadline of one upstream call, in ms. */
  readonly callMs: number;
  /** TQ, in ms. */
  readonly intentMs: number;
  readonly telemetry: Pick<CacheTelemetry, 'written'>;
}

/** Whether the store confirmed a step. After `timed out`, this write does not wait for the store again. */
export type Confirmation = 'confirmed' | 'failed' | 'timed out';

/** Runs a step until the store confirms it, with these pauses between attempts. */
export type Confirm = (step: () => Promise<void>, pausesMs?: readonly number[]) => Promise<Confirmation>;

/**
 * The intent of one write in the store. Call `begin` right before the upstream call, then `end` or `fail` once.
 * Steps and names follow docs/coherence.md, "Write".
 */
export class WriteIntent {
  readonly #token = randomToken();
  #begun: Confirmation | undefined;
  #begunAtMs = 0;

  constructor(
    private readonly store: PageStore,
    private readonly pending: PendingInvalidations,
    private readonly confirm: Confirm,
    private readonly meta: string,
    private readonly options: WriteIntentOptions,
  ) {}

  /** Time since the first `begin`, in ms. */
  get ageMs(): number {
    return performance.now() - this.#begunAtMs;
  }

  /** Starts or restarts the intent. With `strict`, may throw `COHERENCE_UNAVAILABLE`: do not send the write then. */
  async begin(): Promise<void> {
    const startedAtMs = performance.now();
    this.#begunAtMs ||= startedAtMs;
    const confirmation = await this.confirm(() => this.store.begin(this.meta, this.#token), []);
    const leftMs = this.options.intentMs - (performance.now() - startedAtMs);
    // An intent that may expire before the call ends protects no reader.
    const protects = confirmation === 'confirmed' && leftMs >= this.options.callMs;
    if (this.options.coherence === 'strict' && !protects) {
      // The intent may have begun anyway. End it, so that it does not block readers for a write that was not sent.
      this.pending.add(this.meta, this.#token);
      this.options.telemetry.written('refused');
      const detail = 'The cache store is unavailable; the write was not sent.';
      throw new GatewayError('COHERENCE_UNAVAILABLE', detail, { retryAfterSeconds: 1 });
    }
    this.#begun = confirmation;
  }

  /** The write was executed. */
  async end(): Promise<CoherenceLevel> {
    const level = await this.#confirmEnd();
    this.options.telemetry.written(level === 'COHERENT' ? 'coherent' : 'bounded');
    return level;
  }

  async #confirmEnd(): Promise<CoherenceLevel> {
    if (this.#begun !== 'timed out') {
      // The store was unavailable a moment ago: try once, without retries.
      const pausesMs = this.#begun === 'failed' ? [] : undefined;
      const ended = await this.confirm(() => this.store.end(this.meta, this.#token), pausesMs);
      if (ended === 'confirmed') return 'COHERENT';
    }
    this.pending.add(this.meta, this.#token);
    return 'BOUNDED';
  }

  /** Call it with the error that the write threw, whether the intent had begun or not. */
  async fail(error: unknown): Promise<void> {
    if (this.#begun === undefined) return;
    // Only an error of the catalogue is proof that nothing was executed.
    const known = error instanceof GatewayError && error.code !== 'OUTCOME_UNKNOWN';
    if (known) await this.#confirmEnd();
    else await this.#keep();
  }

  /** Starts a new generation. The intent of a write that may still be applied stays until it expires. */
  async #keep(): Promise<void> {
    if (this.#begun !== 'timed out') {
      // `begin` does what a bump does, and creates the intent if it is missing.
      const step =
        this.#begun === 'confirmed'
          ? () => this.store.bump(this.meta)
          : () => this.store.begin(this.meta, this.#token);
      if ((await this.confirm(step)) === 'confirmed') return;
    }
    this.pending.bumpLater(this.meta);
  }
}

/** Pauses between attempts to confirm a step, in ms. */
const CONFIRM_PAUSES_MS = [20, 60, 150];

/** Retries a step after a refusal or a lost connection, never after a timeout: a caller waits for one at most. */
export function confirmWith(pause: (ms: number) => Promise<unknown>): Confirm {
  return async (step, pausesMs = CONFIRM_PAUSES_MS) => {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await step();
        return 'confirmed';
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        if (error.timedOut) return 'timed out';
        const pauseMs = pausesMs[attempt];
        if (pauseMs === undefined) return 'failed';
        await pause(pauseMs);
      }
    }
  };
}
