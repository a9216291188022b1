import { setTimeout as sleep } from 'node:timers/promises';
import { RedisServer } from '../../test/support/redis-server.js';
import { makeTokens, type Tokens } from '../data/tokens.js';
import { Cleanup } from './cleanup.js';

// The settings of docker-compose.yml, but with memory for 10,000 scopes.
const CACHE_REDIS = ['--maxmemory', '1gb', '--maxmemory-policy', 'volatile-ttl'];
const STATE_REDIS = ['--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction'];
/**
 * The gateway stores nothing in a cache Redis that started less than this ago, because it may have lost track of writes in
 * flight: the deadline of a call (8 s), the time for which CAMS may apply it late (22 s), and the rounding of uptimes.
 */
const QUARANTINE_MS = 32_500;

export interface GatewayRedis {
  readonly REDIS_URL: string;
  readonly STATE_REDIS_URL: string;
}

/** What lasts for a whole run: the issuer's keys, and the two Redis servers that a gateway needs in production. */
export class Run {
  readonly cleanup = new Cleanup();
  readonly #startedAt = performance.now();

  private constructor(
    readonly tokens: Tokens,
    readonly cache: RedisServer,
    readonly state: RedisServer,
  ) {
    for (const redis of [cache, state]) this.cleanup.add(() => redis.stop());
  }

  static async open(): Promise<Run> {
    const cache = await RedisServer.reserve({ settings: CACHE_REDIS });
    const state = await RedisServer.reserve({ settings: STATE_REDIS });
    const run = new Run(await makeTokens(), cache, state);
    await cache.launch();
    await state.launch();
    return run;
  }

  /** Both servers, emptied, and up for long enough. */
  async redis(): Promise<GatewayRedis> {
    await sleep(Math.max(0, this.#startedAt + QUARANTINE_MS - performance.now()));
    await this.cache.flush();
    await this.state.flush();
    return { REDIS_URL: this.cache.url, STATE_REDIS_URL: this.state.url };
  }

  /** Stops everything that was started. */
  close(): Promise<void> {
    return this.cleanup.close();
  }
}
