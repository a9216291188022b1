import { RedisUnavailable, redisUnavailable } from './redis-unavailable.js';

export interface CallLimits {
  /** How long a call may take, its wait included. */
  readonly timeoutMs: number;
  /** How many may be sent and unanswered; the others wait, and are not sent once their time is over. */
  readonly maxUnanswered: number;
}

interface Call {
  readonly start: (live: () => boolean) => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: RedisUnavailable) => void;
  timer?: NodeJS.Timeout;
}

/**
 * Parts in which a call's time is counted: a pause of this process, before the client has written the call or while the
 * answer waits to be read, uses up one of them at most.
 */
const PARTS = 5;

/**
 * Calls to one server, none of which lasts longer than its time. A server that stops answering has been sent a bounded
 * number of them, however many callers there are: these may run when it wakes up, and no others.
 */
export class CommandQueue {
  readonly #live = new Set<Call>();
  readonly #waiting = new Set<Call>();
  #unanswered = 0;

  constructor(
    private readonly limits: CallLimits,
    private readonly onTimeout: () => void,
  ) {}

  /** `start` sends the call; it is told whether anybody still waits for it. Throws {@link RedisUnavailable} only. */
  run<T>(start: (live: () => boolean) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const call: Call = { start, resolve: resolve as Call['resolve'], reject };
      this.#live.add(call);
      this.#waiting.add(call);
      this.#countDown(call, PARTS);
      this.#sendWaiting();
    });
  }

  /** Fails all calls at once. What was sent and is unanswered still counts until the client gives it up. */
  failAll(error: RedisUnavailable): void {
    for (const call of this.#live) if (this.#end(call)) call.reject(error);
  }

  #sendWaiting(): void {
    for (const call of this.#waiting) {
      if (this.#unanswered >= this.limits.maxUnanswered) return;
      this.#waiting.delete(call);
      void this.#send(call);
    }
  }

  async #send(call: Call): Promise<void> {
    this.#unanswered++;
    try {
      const value = await call.start(() => this.#live.has(call));
      if (this.#end(call)) call.resolve(value);
    } catch (error) {
      if (this.#end(call)) call.reject(redisUnavailable(error));
    } finally {
      this.#unanswered--;
      this.#sendWaiting();
    }
  }

  #countDown(call: Call, parts: number): void {
    call.timer = setTimeout(() => {
      if (parts > 1) this.#countDown(call, parts - 1);
      // Timers come before sockets: after a pause of this process, an answer that is already here comes first.
      else setImmediate(() => this.#timeOut(call));
    }, this.limits.timeoutMs / PARTS);
  }

  #timeOut(call: Call): void {
    if (!this.#end(call)) return;
    call.reject(new RedisUnavailable('timeout', `no answer within ${this.limits.timeoutMs} ms`));
    this.onTimeout();
  }

  #end(call: Call): boolean {
    clearTimeout(call.timer);
    this.#waiting.delete(call);
    return this.#live.delete(call);
  }
}
