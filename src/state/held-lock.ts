import { StateUnavailable } from './state-store.js';

/** A lock that is held. */
export interface Lock {
  /** Whether nobody else can have it; to be asked right before what must happen under it. */
  readonly held: boolean;
  /** Renews it until it is released. */
  keepAlive(): void;
  /** Gives it up, and lets it end by itself after another while: until then nobody has it. */
  leave(lifeMs: number): Promise<void>;
  /** Ends it, unless it has expired and is somebody else's. */
  release(): Promise<void>;
}

/** What a lock is worth less than its life, since clocks of two machines do not run alike. */
const DRIFT_MS = 100;
const RENEWALS_A_LIFE = 3;

export class HeldLock implements Lock {
  #heldUntilMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly steps: { extend(lifeMs: number): Promise<boolean>; release(): Promise<void> },
    private readonly lifeMs: number,
    askedAtMs: number,
  ) {
    this.#heldUntilMs = askedAtMs + lifeMs - DRIFT_MS;
  }

  get held(): boolean {
    return performance.now() < this.#heldUntilMs;
  }

  keepAlive(): void {
    this.#timer = setInterval(() => void this.#renew(), this.lifeMs / RENEWALS_A_LIFE);
    this.#timer.unref();
  }

  async leave(lifeMs: number): Promise<void> {
    this.#giveUp();
    await this.#extend(lifeMs);
  }

  async release(): Promise<void> {
    this.#giveUp();
    await this.steps.release();
  }

  #giveUp(): void {
    clearInterval(this.#timer);
    this.#heldUntilMs = 0;
  }

  async #renew(): Promise<void> {
    const askedAtMs = performance.now();
    const extended = await this.#extend(this.lifeMs);
    // Released meanwhile: it stays so.
    if (this.#heldUntilMs === 0) return;
    if (extended === true) this.#heldUntilMs = askedAtMs + this.lifeMs - DRIFT_MS;
    if (extended === false) this.#heldUntilMs = 0;
  }

  /** `undefined` when the store is out of reach: the next renewal may come in time. */
  async #extend(lifeMs: number): Promise<boolean | undefined> {
    try {
      return await this.steps.extend(lifeMs);
    } catch (error) {
      if (error instanceof StateUnavailable) return undefined;
      throw error;
    }
  }
}
