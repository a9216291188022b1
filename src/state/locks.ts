import { HeldLock, type Lock } from './held-lock.js';
import { StateUnavailable, type StateStore } from './state-store.js';
import { randomToken } from '../util/random-token.js';

export type { Lock } from './held-lock.js';

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
