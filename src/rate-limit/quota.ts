import { Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { digestOf } from '../util/digest.js';
import type { MaybePromise } from '../util/maybe-promise.js';
import { type RedisConnection, RedisUnavailable } from '../redis/redis-connection.js';
import { RedisScript } from '../redis/redis-script.js';
import { ProcessWindows, type WindowBefore } from './process-windows.js';
import { luaSource } from '../util/lua-source.js';
import { withTimeout } from '../util/with-timeout.js';

// Must count even when memory is full: there are no more keys than tenants.
const COUNT = new RedisScript('quota', `#!lua flags=allow-oom\n${luaSource(import.meta.url, 'count')}`);

/** Shorter than the command timeout of the connection, because every request waits for its count. */
const WAIT_MS = 100;
const MAX_TENANTS = 10_000;
/**
 * Number of portions in which a limit is reserved. A portion is at least one, so that small limits are exact. When the
 * window ends, what a replica has left, at most one portion, is lost to the others.
 */
const PORTIONS = 600;

export interface QuotaOptions {
  /** What is counted, as used in keys. */
  readonly name: string;
  readonly windowSeconds: number;
  /** Whether a refusal is cached until the window ends. Not for quotas that can be given back. */
  readonly remembersRefusals: boolean;
  /** Called when the process counts on its own because Redis does not respond. */
  readonly onCountedAlone: () => void;
}

/** Whether it was allowed, and what remains of the quota. */
export interface Usage {
  readonly allowed: boolean;
  readonly remaining: number;
  /** Time until the window ends, in ms. */
  readonly leftMs: number;
}

/** All requests of one tenant within one tick of the event loop, counted in one call. */
interface Batch {
  size: number;
  readonly before: Promise<WindowBefore>;
}

/** Part of a limit that is counted but not used yet. */
interface Portion {
  left: number;
  /** What may still be counted beyond this portion. */
  readonly beyond: number;
  /** End of the window, `performance.now()`. */
  readonly endsAtMs: number;
}

/**
 * Counts what each tenant uses of a limit per window, in Redis for all replicas. Without Redis, or while it does not
 * respond, each process counts for itself: requests neither fail nor wait long.
 */
export class Quota {
  readonly #logger = new Logger(Quota.name);
  /** By key and limit: a reload may change the limit. */
  readonly #batches = new Map<string, Batch>();
  readonly #portions = new LRUCache<string, Portion>({ max: MAX_TENANTS });
  /** Keys and limits whose next portion is being counted. */
  readonly #taking = new Set<string>();
  readonly #own = new ProcessWindows();
  readonly #keys = new LRUCache<string, string>({ max: MAX_TENANTS });
  /** When the refusal of a key ends (`performance.now()`). */
  readonly #refused = new LRUCache<string, number>({ max: MAX_TENANTS });

  constructor(
    private readonly redis: RedisConnection | null,
    private readonly options: QuotaOptions,
  ) {}

  /**
   * Counts `amount`, up to the limit. Allowed if anything was left: what counts as several must not wait for as many.
   * Synchronous while a portion counted earlier lasts.
   */
  consume(tenantId: string, limit: number, amount = 1): MaybePromise<Usage> {
    const key = this.#keyOf(tenantId);
    const name = `${limit} ${key}`;
    const portion = this.#portions.get(name);
    if (portion && leftOf(portion) >= amount) {
      const usage = take(portion, amount);
      // Fetch the next portion early: a store that syncs to disk before it responds would make many requests wait.
      const low = portion.left < Math.floor(limit / PORTIONS) / 2;
      if (low && portion.beyond > 0 && !this.#taking.has(name)) this.#fetch(name, key, limit);
      return usage;
    }
    return this.#ask(name, key, limit, amount);
  }

  async #ask(name: string, key: string, limit: number, amount: number): Promise<Usage> {
    const refusedForMs = (this.#refused.get(name) ?? 0) - performance.now();
    if (refusedForMs > 0) return { allowed: false, remaining: 0, leftMs: refusedForMs };
    const batch = this.#batches.get(name) ?? this.#open(name, key, limit);
    const ahead = batch.size;
    batch.size += amount;
    const { count, leftMs } = await batch.before;
    const left = limit - count - ahead;
    const allowed = left > 0;
    if (!allowed && this.options.remembersRefusals) this.#refused.set(name, performance.now() + leftMs);
    return { allowed, remaining: Math.max(0, left - amount), leftMs };
  }

  /** Undoes one {@link consume} of a single unit. */
  async giveBack(tenantId: string, limit: number): Promise<void> {
    await this.#count(this.#keyOf(tenantId), -1, limit);
  }

  #open(name: string, key: string, limit: number): Batch {
    const before = new Promise<WindowBefore>((resolve, reject) => {
      setImmediate(() => {
        this.#batches.delete(name);
        this.#countBatch(name, key, batch.size, limit).then(resolve, reject);
      });
    });
    const batch: Batch = { size: 0, before };
    this.#batches.set(name, batch);
    return batch;
  }

  /** Counts a portion for later requests in the background. */
  #fetch(name: string, key: string, limit: number): void {
    this.#countBatch(name, key, 0, limit).catch((error: unknown) => {
      // The next requests count themselves.
      this.#logger.warn({ msg: 'could not count a portion of a quota', err: error });
    });
  }

  /** Counts the batch, and a portion for later requests. */
  async #countBatch(name: string, key: string, size: number, limit: number): Promise<WindowBefore> {
    // Only one portion is requested at a time: meanwhile, batches count only themselves.
    const takes = !this.#taking.has(name);
    const asked = takes ? Math.max(size, Math.floor(limit / PORTIONS)) : size;
    const askedAtMs = performance.now();
    if (takes) this.#taking.add(name);
    try {
      const before = await this.#count(key, asked, limit);
      this.#keep(name, asked - size, limit - before.count - size, askedAtMs + before.leftMs);
      return before;
    } finally {
      if (takes) this.#taking.delete(name);
    }
  }

  /** Keeps what was counted beyond the batch, up to the `rest` that the limit had left. */
  #keep(name: string, spare: number, rest: number, endsAtMs: number): void {
    const left = Math.max(0, Math.min(spare, rest));
    const known = this.#portions.get(name);
    const unused = left + (known ? leftOf(known) : 0);
    if (unused > 0) this.#portions.set(name, { left: unused, beyond: Math.max(0, rest - left), endsAtMs });
  }

  async #count(key: string, change: number, limit: number): Promise<WindowBefore> {
    const { windowSeconds } = this.options;
    try {
      if (this.redis) {
        const counted = this.redis.run(COUNT, [key], [change, windowSeconds, limit]);
        const [count, leftMs] = (await withTimeout(counted, WAIT_MS, tooSlow)) as [number, number];
        return { count, leftMs };
      }
    } catch (error) {
      if (!(error instanceof RedisUnavailable)) throw error;
      this.options.onCountedAlone();
    }
    return this.#own.count(key, change, windowSeconds * 1000, limit);
  }

  // Digests keep tenant names out of Redis.
  #keyOf(tenantId: string): string {
    const known = this.#keys.get(tenantId);
    if (known !== undefined) return known;
    const key = `cgs:q:${this.options.name}:${digestOf([tenantId])}`;
    this.#keys.set(tenantId, key);
    return key;
  }
}

/** Returns what is left of a portion; 0 if its window has ended. */
function leftOf({ left, endsAtMs }: Portion): number {
  return endsAtMs > performance.now() ? left : 0;
}

function take(portion: Portion, amount: number): Usage {
  portion.left -= amount;
  const { left, beyond, endsAtMs } = portion;
  return { allowed: true, remaining: left + beyond, leftMs: endsAtMs - performance.now() };
}

function tooSlow(): Error {
  return new RedisUnavailable('timeout', `no response within ${WAIT_MS} ms`);
}
