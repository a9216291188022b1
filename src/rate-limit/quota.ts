import { readFileSync } from 'node:fs';
import { type RateLimiterAbstract, RateLimiterRedis, type RateLimiterRes } from 'rate-limiter-flexible';
import { digestOf } from '../common/digest.js';
import type { RedisConnection } from '../redis/redis-connection.js';
import { RedisScript } from '../redis/redis-script.js';
import { ProcessWindow } from './process-window.js';

// A full server counts on: there are no more keys than tenants.
const COUNT = new RedisScript(
  'quota',
  `#!lua flags=allow-oom\n${readFileSync(new URL('./lua/count.lua', import.meta.url), 'utf8')}`,
);

/** Every request waits for its count, so this is shorter than what the connection waits. */
const WAIT_MS = 100;

export interface QuotaOptions {
  /** What is counted, in the names of keys. */
  readonly name: string;
  readonly windowSeconds: number;
  /** Who is refused asks the server no more before the window ends; not for what may be given back. */
  readonly remembersRefusals: boolean;
}

/**
 * What each tenant has used of a limit in a window: counted in Redis for all replicas. Without it, and while it does not
 * answer, each process counts for itself; nothing fails or waits long because of it.
 */
export class Quota {
  /** By limit: a limiter knows one, and tenants have few different ones. */
  readonly #limiters = new Map<number, RateLimiterAbstract>();

  constructor(
    private readonly redis: RedisConnection | null,
    private readonly options: QuotaOptions,
  ) {}

  /** Throws a `RateLimiterRes` when the limit is used up. */
  consume(tenantId: string, limit: number): Promise<RateLimiterRes> {
    return this.#limiter(limit).consume(keyOf(tenantId));
  }

  /** Undoes one {@link consume}. */
  async giveBack(tenantId: string, limit: number): Promise<void> {
    await this.#limiter(limit).reward(keyOf(tenantId));
  }

  #limiter(limit: number): RateLimiterAbstract {
    const limiter = this.#limiters.get(limit) ?? this.#newLimiter(limit);
    this.#limiters.set(limit, limiter);
    return limiter;
  }

  #newLimiter(points: number): RateLimiterAbstract {
    const { name, windowSeconds, remembersRefusals } = this.options;
    const options = { keyPrefix: `cgs:q:${name}`, points, duration: windowSeconds };
    const own = new ProcessWindow(options);
    if (!this.redis) return own;
    return new RateLimiterRedis({
      ...options,
      ...(remembersRefusals && { inMemoryBlockOnConsumed: points + 1 }),
      storeClient: scriptClient(this.redis),
      // The form of client whose scripts are called with `eval(source, { keys, arguments })`.
      useRedisPackage: true,
      insuranceLimiter: own,
    });
  }
}

// Names of tenants are of no concern to who looks at the server.
function keyOf(tenantId: string): string {
  return digestOf([tenantId]);
}

/** As much of a client as the limiter uses; it counts by a script of ours. */
function scriptClient(redis: RedisConnection) {
  return {
    eval: (_source: string, { keys, arguments: [change = '', seconds = '', limit = ''] }: ScriptCall) =>
      within(WAIT_MS, redis.run(COUNT, keys, [change, seconds, limit])),
  };
}

interface ScriptCall {
  readonly keys: readonly string[];
  /** The change, the window in seconds, the limit, and another duration. */
  readonly arguments: readonly string[];
}

/** Gives up waiting; what was asked may still happen. */
async function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  const limit = Promise.withResolvers<never>();
  const timer = setTimeout(() => limit.reject(new Error(`No answer within ${ms} ms`)), ms);
  try {
    return await Promise.race([answer, limit.promise]);
  } finally {
    clearTimeout(timer);
  }
}
