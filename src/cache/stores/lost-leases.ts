import type { PageKey } from './page-store.js';

interface LostLease {
  readonly key: PageKey;
  readonly token: string;
  readonly expiresAtMs: number;
}

const RETRY_MS = 250;
const MAX_LOST = 1_000;

/**
 * Leases that nobody holds, because the store confirmed neither a lookup nor the end of a list in time. Until such a lease
 * expires, readers of all replicas would wait for a list that nobody makes. So they are released as soon as the store
 * responds again; beyond a maximum, they expire.
 */
export class LostLeases {
  readonly #lost = new Set<LostLease>();
  #isRetrying = false;

  constructor(
    private readonly leaseMs: number,
    /** Does nothing if the page is leased to somebody else, or not at all. */
    private readonly release: (key: PageKey, token: string) => Promise<void>,
  ) {}

  add(key: PageKey, token: string): void {
    if (this.#lost.size >= MAX_LOST) return;
    this.#lost.add({ key, token, expiresAtMs: performance.now() + this.leaseMs });
    this.#retryLater();
  }

  #retryLater(): void {
    if (this.#isRetrying) return;
    this.#isRetrying = true;
    setTimeout(() => {
      this.#isRetrying = false;
      void this.#releaseAll();
    }, RETRY_MS).unref();
  }

  async #releaseAll(): Promise<void> {
    try {
      for (const lease of this.#lost) {
        if (performance.now() < lease.expiresAtMs) await this.release(lease.key, lease.token);
        this.#lost.delete(lease);
      }
    } catch {
      // The store still does not respond.
      this.#retryLater();
    }
  }
}
