import { setTimeout as sleep } from 'node:timers/promises';
import { RedisServer } from '../../test/support/redis-server.js';

// The settings of docker-compose.yml, but with memory for 10,000 scopes.
const CACHE_REDIS = ['--maxmemory', '1gb', '--maxmemory-policy', 'volatile-ttl'];
const STATE_REDIS = ['--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction'];
/**
 * The gateway stores nothing in a cache Redis that started less than this ago, because it may have lost track of writes
 * in flight: the deadline of a call (8 s), the time for which CAMS may apply it late (22 s), and the rounding of
 * uptimes.
 */
const QUARANTINE_MS = 32_500;

/** Settings of a gateway. */
export interface RedisUrls {
  readonly REDIS_URL: string;
  readonly STATE_REDIS_URL: string;
}

/** The two Redis servers that a gateway needs in production. */
export class RedisPair {
  #launchedAt = 0;

  private constructor(
    private readonly cache: RedisServer,
    private readonly state: RedisServer,
  ) {}

  /** Creates a pair that is not started yet, so that its cleanup can be registered first. */
  static async reserve(): Promise<RedisPair> {
    const cache = await RedisServer.reserve({ settings: CACHE_REDIS });
    return new RedisPair(cache, await RedisServer.reserve({ settings: STATE_REDIS }));
  }

  async launch(): Promise<void> {
    await this.cache.launch();
    await this.state.launch();
    this.#launchedAt = performance.now();
  }

  /** Empties both servers, and waits until they have been up for long enough. */
  async prepare(): Promise<RedisUrls> {
    await sleep(Math.max(0, this.#launchedAt + QUARANTINE_MS - performance.now()));
    await this.cache.flush();
    await this.state.flush();
    return { REDIS_URL: this.cache.url, STATE_REDIS_URL: this.state.url };
  }

  async stop(): Promise<void> {
    await this.state.stop();
    await this.cache.stop();
  }
}
