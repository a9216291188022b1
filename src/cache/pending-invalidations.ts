import { randomToken } from '../util/random-token.js';
import type { PageStore } from './stores/page-store.js';

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 2_000;

/** Writes of a scope that the store has not confirmed. */
interface PendingScope {
  readonly tokens: Set<string>;
  /** When every stored page older than the latest of the writes has expired. */
  untilMs: number;
}

/**
 * Scopes with writes whose end the store did not confirm. Until it does, or until every older page has expired, this
 * process does not read the scope from the store and keeps retrying. At most one attempt per scope is in flight, no
 * matter how many writes are pending.
 */
export class PendingInvalidations {
  readonly #pending = new Map<string, PendingScope>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #closed = false;

  /** `keepMs`: time after a write until every older stored page has expired. `onChange` gets the number of scopes. */
  constructor(
    private readonly store: Pick<PageStore, 'end'>,
    private readonly keepMs: number,
    private readonly onChange: (scopes: number) => void,
  ) {}

  has(meta: string): boolean {
    return this.#pending.has(meta);
  }

  add(meta: string, token: string): void {
    const untilMs = performance.now() + this.keepMs;
    const debt = this.#pending.get(meta);
    if (debt) {
      debt.tokens.add(token);
      debt.untilMs = untilMs;
      return;
    }
    const first = { tokens: new Set([token]), untilMs };
    this.#pending.set(meta, first);
    this.onChange(this.#pending.size);
    this.#retryLater(meta, first, FIRST_RETRY_MS);
  }

  /** Schedules a bump: ending a write that never began has the same effect. */
  bumpLater(meta: string): void {
    this.add(meta, randomToken());
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #retryLater(meta: string, debt: PendingScope, delayMs: number): void {
    if (this.#closed) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.#retry(meta, debt, delayMs);
    }, delayMs);
    timer.unref();
    this.#timers.add(timer);
  }

  async #retry(meta: string, debt: PendingScope, delayMs: number): Promise<void> {
    try {
      // Iterating a set also visits the tokens that are added meanwhile.
      for (const token of debt.tokens) {
        await this.store.end(meta, token);
        debt.tokens.delete(token);
      }
    } catch {
      // The store has not confirmed, for any reason: retry until every older page has expired.
      if (performance.now() < debt.untilMs) {
        this.#retryLater(meta, debt, Math.min(delayMs * 2, LONGEST_RETRY_MS));
        return;
      }
    }
    this.#pending.delete(meta);
    this.onChange(this.#pending.size);
  }
}
