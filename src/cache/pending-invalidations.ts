import { randomToken } from '../util/random-token.js';
import type { PageStore } from './stores/page-store.js';

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 2_000;

/** What a scope is owed. */
interface PendingScope {
  readonly tokens: Set<string>;
  /** When nothing that the store holds can be older than the latest of the writes. */
  untilMs: number;
}

/**
 * Scopes with writes whose end the store did not confirm. Until it does, or whatever it holds must have expired, this
 * process does not read the scope from the store, and goes on telling it: one try at a time for each scope, however
 * many writes there were.
 */
export class PendingInvalidations {
  readonly #pending = new Map<string, PendingScope>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #closed = false;

  /** `keepMs`: after which nothing that the store holds can be older than the write. */
  constructor(
    private readonly store: Pick<PageStore, 'end'>,
    private readonly keepMs: number,
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
    this.#retryLater(meta, first, FIRST_RETRY_MS);
  }

  /** To end a write that nobody began does what a bump does. */
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
      // What comes to be owed meanwhile is visited too: a set is iterated as it grows.
      for (const token of debt.tokens) {
        await this.store.end(meta, token);
        debt.tokens.delete(token);
      }
    } catch {
      // Whatever the reason, the store has not confirmed: the next try is due until everything has expired.
      if (performance.now() < debt.untilMs) {
        this.#retryLater(meta, debt, Math.min(delayMs * 2, LONGEST_RETRY_MS));
        return;
      }
    }
    this.#pending.delete(meta);
  }
}
