import { setTimeout as sleep } from 'node:timers/promises';
import { RedisServer } from '../../test/support/redis-server.js';
import { makeTokens, type Tokens } from '../data/tokens.js';
import { Endings } from './endings.js';

// As docker-compose.yml runs them, but for the memory: 10,000 scopes have to fit.
const CACHE_REDIS = ['--maxmemory', '1gb', '--maxmemory-policy', 'volatile-ttl'];
const STATE_REDIS = ['--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction'];
/**
 * For that long after its start a cache Redis may not know of writes that are under way, and so the gateway keeps nothing
 * in it: the deadline of a call, 8 s, the 22 s for which one may be applied late, and what uptimes are rounded by.
 */
const QUARANTINE_MS = 32_500;

export interface GatewayRedis {
  readonly REDIS_URL: string;
  readonly STATE_REDIS_URL: string;
}

/** What lasts for a whole run: the issuer's keys, and the two Redis servers that production asks of a gateway. */
export class Site {
  readonly endings = new Endings();
  readonly #startedAt = performance.now();

  private constructor(
    readonly tokens: Tokens,
    readonly cache: RedisServer,
    readonly state: RedisServer,
  ) {
    for (const redis of [cache, state]) this.endings.add(() => redis.stop());
  }

  static async open(): Promise<Site> {
    const cache = await RedisServer.reserve({ settings: CACHE_REDIS });
    const state = await RedisServer.reserve({ settings: STATE_REDIS });
    const site = new Site(await makeTokens(), cache, state);
    await cache.launch();
    await state.launch();
    return site;
  }

  /** Both servers, empty, and up for long enough. */
  async redis(): Promise<GatewayRedis> {
    await sleep(Math.max(0, this.#startedAt + QUARANTINE_MS - performance.now()));
    await this.cache.flush();
    await this.state.flush();
    return { REDIS_URL: this.cache.url, STATE_REDIS_URL: this.state.url };
  }

  /** Ends all that runs here. */
  close(): Promise<void> {
    return this.endings.close();
  }
}
