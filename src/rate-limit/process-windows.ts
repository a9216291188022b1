import { LRUCache } from 'lru-cache';

/** A window before a change. */
export interface WindowBefore {
  readonly count: number;
  /** Time until it ends, in ms. */
  readonly leftMs: number;
}

const MAX_WINDOWS = 10_000;

/** In-process equivalent of `count.lua`. */
export class ProcessWindows {
  readonly #windows = new LRUCache<string, { count: number; readonly endsAtMs: number }>({
    max: MAX_WINDOWS,
  });

  /** Adds `change`, up to the limit. A negative change gives back. */
  count(key: string, change: number, windowMs: number, limit: number): WindowBefore {
    const now = performance.now();
    const known = this.#windows.get(key);
    const window = known && known.endsAtMs > now ? known : { count: 0, endsAtMs: now + windowMs };
    const before = { count: window.count, leftMs: window.endsAtMs - now };
    if (window.count + change < 0) return before;
    window.count += change > 0 ? Math.max(0, Math.min(change, limit - window.count)) : change;
    this.#windows.set(key, window);
    return before;
  }
}
