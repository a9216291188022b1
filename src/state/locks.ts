import { StateUnavailable, type StateStore } from './state-store.js';
import { randomToken } from '../util/random-token.js';

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

class HeldLock implements Lock {
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

/** Who has a lock that was asked for. */
export interface Holder {
  readonly owner: string;
  readonly sinceMs: number;
}

export interface LockRequest {
  /** Told to others who ask for it. */
  readonly owner: string;
  readonly lifeMs: number;
  /** Names the holder; a new one unless given. Whoever goes on with the work may take the lock again with it. */
  readonly token?: string;
}

/** Locks across replicas. Each ends by itself, and only its holder can release it. */
export class Locks {
  constructor(private readonly store: StateStore) {}

  /** Takes a lock, or tells who has it. Throws `StateUnavailable`. */
  async tryAcquire(
    key: string,
    { owner, lifeMs, token = newToken() }: LockRequest,
  ): Promise<{ readonly lock: Lock } | { readonly holder: Holder }> {
    const askedAtMs = performance.now();
    const taken = await this.store.write(key, { expected: undefined, version: token, value: owner, lifeMs });
    if (taken) {
      const steps = {
        extend: (nextMs: number) => this.extend(key, token, nextMs),
        release: () => this.release(key, token),
      };
      return { lock: new HeldLock(steps, lifeMs, askedAtMs) };
    }
    return { holder: await this.#holder(key) };
  }

  /** Without a name when it was released between the two looks, or cannot be read: who asks again learns more. */
  async #holder(key: string): Promise<Holder> {
    try {
      const entry = await this.store.read(key);
      return { owner: entry?.value ?? '', sinceMs: entry?.ageMs ?? 0 };
    } catch (error) {
      if (error instanceof StateUnavailable) return { owner: '', sinceMs: 0 };
      throw error;
    }
  }

  /** Lets a lock that `token` holds last for another while from now. Whether it still held it. */
  extend(key: string, token: string, lifeMs: number): Promise<boolean> {
    return this.store.extend(key, token, lifeMs);
  }

  async release(key: string, token: string): Promise<void> {
    try {
      await this.store.remove(key, token);
    } catch (error) {
      // It ends by itself.
      if (!(error instanceof StateUnavailable)) throw error;
    }
  }
}

function newToken(): string {
  return randomToken();
}
