import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';

/** How long such work may occupy the event loop before other requests are handled. */
const SLICE_MS = 2;
/** For how long they are then handled: one pass of the event loop would not be enough for those that wait for Redis. */
const PAUSE_MS = 1;

/**
 * Lets work that takes milliseconds begin one after the other, and other requests be handled in between. The tenants whose
 * work is waiting take turns.
 */
export class Turns {
  /** By tenant, in the order of their next turns. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #isGranting = false;
  #sliceStartedMs = -Infinity;

  constructor(
    private readonly nowMs: () => number = () => performance.now(),
    private readonly pause: () => Promise<unknown> = () => sleep(PAUSE_MS),
  ) {}

  /** Resolves when the work may begin. */
  next(tenantId: string): Promise<void> {
    return new Promise((begin) => {
      const waiting = this.#waiting.get(tenantId);
      if (waiting) waiting.push(begin);
      else this.#waiting.set(tenantId, [begin]);
      if (!this.#isGranting) void this.#grant();
    });
  }

  async #grant(): Promise<void> {
    this.#isGranting = true;
    while (this.#waiting.size > 0) {
      await this.#whenFree();
      for (const [tenantId, [begin, ...others]] of this.#waiting) {
        this.#waiting.delete(tenantId);
        if (others.length > 0) this.#waiting.set(tenantId, others);
        begin?.();
        break;
      }
    }
    this.#isGranting = false;
  }

  async #whenFree(): Promise<void> {
    // Until then, the work of the previous turn may not have begun: it may take several ticks to get there.
    await immediate();
    if (this.nowMs() - this.#sliceStartedMs < SLICE_MS) return;
    await this.pause();
    this.#sliceStartedMs = this.nowMs();
  }
}
