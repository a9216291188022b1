import { GatewayError } from '../errors/gateway-error.js';
import { randomToken } from '../util/random-token.js';
import type { PendingInvalidations } from './pending-invalidations.js';
import { type PageStore, StoreUnavailable } from './stores/page-store.js';

/** What a write may promise to reads that start after its answer. */
export type CoherenceLevel = 'COHERENT' | 'BOUNDED';

export interface WriteIntentOptions {
  /** `strict`: a write is refused while the store cannot be told of it. */
  readonly coherence: 'available' | 'strict';
  /** Deadline of one upstream call, in ms. */
  readonly callMs: number;
  /** TQ, in ms. */
  readonly intentMs: number;
}

/** What the store confirmed of a step. After `timed out`, nobody waits for it again for this write. */
export type Confirmation = 'confirmed' | 'failed' | 'timed out';

/** Tries to have a step confirmed, with these pauses between the tries. */
export type Confirm = (step: () => Promise<void>, pausesMs?: readonly number[]) => Promise<Confirmation>;

/**
 * The intent of one write, as the store knows it: `begin` right before the upstream call, then `end` or `fail`, once.
 * Steps and names are those of docs/coherence.md, "Write".
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

  /** Since it was first begun, in ms. */
  get ageMs(): number {
    return performance.now() - this.#begunAtMs;
  }

  /** Starts the intent, or restarts it. With `strict`, throws `COHERENCE_UNAVAILABLE`: nothing may be sent then. */
  async begin(): Promise<void> {
    const startedAtMs = performance.now();
    this.#begunAtMs ||= startedAtMs;
    const confirmation = await this.confirm(() => this.store.begin(this.meta, this.#token), []);
    const leftMs = this.options.intentMs - (performance.now() - startedAtMs);
    // An intent that may not outlive the call protects nobody.
    const protects = confirmation === 'confirmed' && leftMs >= this.options.callMs;
    if (this.options.coherence === 'strict' && !protects) {
      // It may have begun all the same, and nobody must wait for the end of a write that was not sent.
      this.pending.add(this.meta, this.#token);
      const detail = 'The cache store cannot be told of the write. Nothing was sent.';
      throw new GatewayError('COHERENCE_UNAVAILABLE', detail, { retryAfterSeconds: 1 });
    }
    this.#begun = confirmation;
  }

  /** The outcome is known: the write was executed, or certainly was not. */
  async end(): Promise<CoherenceLevel> {
    if (this.#begun !== 'timed out') {
      // A store that was not there a moment ago is asked once.
      const pausesMs = this.#begun === 'failed' ? [] : undefined;
      const ended = await this.confirm(() => this.store.end(this.meta, this.#token), pausesMs);
      if (ended === 'confirmed') return 'COHERENT';
    }
    this.pending.add(this.meta, this.#token);
    return 'BOUNDED';
  }

  /** To be called with what the write has thrown, whether the intent had begun or not. */
  async fail(error: unknown): Promise<void> {
    if (this.#begun === undefined) return;
    // Only an error of the catalogue says for sure that nothing was executed.
    const known = error instanceof GatewayError && error.code !== 'OUTCOME_UNKNOWN';
    if (known) await this.end();
    else await this.#keep();
  }

  /** New generation; the intent of a write that may still be applied stays until it can no longer be. */
  async #keep(): Promise<void> {
    if (this.#begun !== 'timed out') {
      // To begin does what a bump does, and makes the intent that may be missing.
      const step =
        this.#begun === 'confirmed'
          ? () => this.store.bump(this.meta)
          : () => this.store.begin(this.meta, this.#token);
      if ((await this.confirm(step)) === 'confirmed') return;
    }
    this.pending.bumpLater(this.meta);
  }
}

/** Pauses between the tries to confirm a step, in ms. */
const CONFIRM_PAUSES_MS = [20, 60, 150];

/** Tries a step again after a refusal or a lost connection, never after a timeout: a caller waits for that once. */
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
