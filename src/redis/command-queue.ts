import { RedisUnavailable, redisUnavailable } from './redis-unavailable.js';

export interface CallLimits {
  /** How long a call may take, including its wait in the queue. */
  readonly timeoutMs: number;
  /** Maximum number of sent but unanswered calls. Others wait in the queue, and are not sent if they time out there. */
  readonly maxUnanswered: number;
}

interface Call {
  readonly start: (live: () => boolean) => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: RedisUnavailable) => void;
  timer?: NodeJS.Timeout;
}

/**
 * Number of parts into which the timeout is split. A pause of this process, before the client has written the call or
 * while its reply waits to be read, uses up one part at most.
 */
const PARTS = 5;

/**
 * Calls to one server, each with a timeout. Limits the number of unanswered calls: if the server stops responding, only
 * those may run when it resumes, no matter how many callers there are.
 */
export class CommandQueue {
  readonly #live = new Set<Call>();
  readonly #waiting = new Set<Call>();
  #unanswered = 0;
  /** For how many parts of the timeout the server has owed a reply since its latest one. */
  #silentParts = 0;
  #silence: NodeJS.Timeout | undefined;

  constructor(
    private readonly limits: CallLimits,
    /** Called for each call that times out while the server is silent, not for those that only waited in a long queue. */
    private readonly onTimeout: () => void,
  ) {}

  /** `start` sends the call; `live` returns whether the caller is still waiting. Throws only {@link RedisUnavailable}. */
  run<T>(start: (live: () => boolean) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const call: Call = { start, resolve: resolve as Call['resolve'], reject };
      this.#live.add(call);
      this.#waiting.add(call);
      this.#countDown(call, PARTS);
      this.#sendWaiting();
    });
  }

  /** Fails all calls at once. Calls that were sent still count as unanswered until the client gives up on them. */
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
    if (this.#unanswered++ === 0) this.#watch();
    try {
      const value = await call.start(() => this.#live.has(call));
      if (this.#end(call)) call.resolve(value);
    } catch (error) {
      if (this.#end(call)) call.reject(redisUnavailable(error));
    } finally {
      this.#unanswered--;
      this.#silentParts = 0;
      this.#sendWaiting();
    }
  }

  /** Counts parts instead of reading a clock: while this process is busy, replies and the calls themselves wait in it. */
  #watch(): void {
    this.#silentParts = 0;
    this.#silence?.refresh();
    this.#silence ??= setTimeout(() => {
      this.#silentParts += 1;
      if (this.#unanswered > 0) this.#silence?.refresh();
      else this.#silence = undefined;
    }, this.limits.timeoutMs / PARTS).unref();
  }

  #countDown(call: Call, parts: number): void {
    call.timer = setTimeout(() => {
      if (parts > 1) this.#countDown(call, parts - 1);
      // Timers run before sockets are read: after a pause of this process, let a reply that has arrived come first.
      else setImmediate(() => this.#timeOut(call));
    }, this.limits.timeoutMs / PARTS);
  }

  #timeOut(call: Call): void {
    if (!this.#end(call)) return;
    call.reject(new RedisUnavailable('timeout', `no response within ${this.limits.timeoutMs} ms`));
    if (this.#isSilent()) this.onTimeout();
  }

  #isSilent(): boolean {
    return this.#unanswered > 0 && this.#silentParts >= PARTS;
  }

  #end(call: Call): boolean {
    clearTimeout(call.timer);
    this.#waiting.delete(call);
    return this.#live.delete(call);
  }
}
