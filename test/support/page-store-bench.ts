import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { MemoryPageStore } from '../../src/cache/stores/memory-page-store.js';
import type { PageKey, PageStore, ProtocolTimes } from '../../src/cache/stores/page-store.js';
import { RedisPageStore } from '../../src/cache/stores/redis-page-store.js';
import { loadConfig } from '../../src/config/config.js';
import { RedisConnection } from '../../src/redis/redis-connection.js';
import { Metrics } from '../../src/telemetry/metrics.js';
import { passTime } from './redis-time.js';
import { RedisServer } from './redis-server.js';

export const TIMES: ProtocolTimes = { intentMs: 10_000, leaseMs: 6_000, settleMs: 3_000, holdMs: 1_500 };

/** A page store whose clock a test advances. */
export interface PageStoreBench {
  readonly store: PageStore;
  /** Returns a page of a new scope that is not in quarantine. */
  newPage(): Promise<PageKey>;
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
}

function newKey(): PageKey {
  const tag = `cg:{${randomUUID()}}`;
  return { meta: `${tag}:m`, page: `${tag}:p:1`, owner: 'acme' };
}

export class MemoryBench implements PageStoreBench {
  #nowMs = 1_000;
  readonly store = new MemoryPageStore(TIMES, 1024 * 1024, () => this.#nowMs);

  async newPage(): Promise<PageKey> {
    return newKey();
  }

  async pass(ms: number): Promise<void> {
    this.#nowMs += ms;
  }

  async close(): Promise<void> {
    // Nothing to release.
  }
}

/** Uses its own server. */
export class RedisBench implements PageStoreBench {
  readonly store: PageStore;

  private constructor(
    readonly server: RedisServer,
    readonly redis: RedisConnection,
  ) {
    this.store = new RedisPageStore(redis, TIMES);
  }

  static async start(): Promise<RedisBench> {
    Logger.overrideLogger(false);
    const server = await RedisServer.start();
    const { redis: target } = loadConfig({ REDIS_URL: server.url });
    if (!target) throw new Error('REDIS_URL was not read');
    // The timeout is longer than any pause of a busy test machine.
    const options = { name: 'cache', setting: 'REDIS_URL', commandTimeoutMs: 1_000 };
    const redis = new RedisConnection(target, new Metrics(), options);
    await redis.start();
    return new RedisBench(server, redis);
  }

  async newPage(): Promise<PageKey> {
    const key = newKey();
    // A scope is in quarantine on a recently started server, which may have lost writes.
    await this.store.lookup(key, undefined);
    await this.pass(TIMES.leaseMs + TIMES.intentMs);
    return key;
  }

  async pass(ms: number): Promise<void> {
    await passTime(this.server, ms);
  }

  async close(): Promise<void> {
    this.redis.close();
    await this.server.stop();
  }
}

/** Every implementation of the page store contract. */
export const PAGE_STORES = [
  { name: 'in this process', open: async (): Promise<PageStoreBench> => new MemoryBench() },
  { name: 'in Redis', open: async (): Promise<PageStoreBench> => RedisBench.start() },
];
