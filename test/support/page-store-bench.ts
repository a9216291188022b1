import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { MemoryPageStore } from '../../src/cache/memory-page-store.js';
import type { PageKey, PageStore, ProtocolTimes } from '../../src/cache/page-store.js';
import { RedisPageStore } from '../../src/cache/redis-page-store.js';
import { loadConfig } from '../../src/config.js';
import { RedisConnection } from '../../src/redis/redis-connection.js';
import { RedisScript } from '../../src/redis/redis-script.js';
import { Metrics } from '../../src/telemetry/metrics.js';
import { eventually } from './eventually.js';
import { RedisServer } from './redis-server.js';

export const TIMES: ProtocolTimes = { intentMs: 10_000, leaseMs: 6_000, settleMs: 3_000, holdMs: 1_500 };

/** A page store whose time passes when a test says so. */
export interface PageStoreBench {
  readonly store: PageStore;
  /** A page of a scope of its own, outside any quarantine. */
  newPage(): Promise<PageKey>;
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
}

function newKey(): PageKey {
  const tag = `cg:{${randomUUID()}}`;
  return { meta: `${tag}:m`, page: `${tag}:p:1` };
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
    // It holds nothing that outlives it.
  }
}

// Moves everything that is told by the clock into the past, and shortens the life of the key by as much.
const PASS = new RedisScript(
  'pass',
  `#!lua
  local ms = tonumber(ARGV[1])
  local fields = redis.call('HGETALL', KEYS[1])
  local times = { q = 1, s = 1, f = 1, h = 1, a = 1, x = 1, le = 1, er = 1 }
  for i = 1, #fields, 2 do
    if times[fields[i]] or string.sub(fields[i], 1, 2) == 'i:' then
      redis.call('HINCRBY', KEYS[1], fields[i], -ms)
    end
  end
  local left = redis.call('PTTL', KEYS[1])
  if left > 0 then redis.call('PEXPIRE', KEYS[1], left - ms) end`,
);

/** On a server of its own. */
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
    // The timeout is longer than any pause of a busy machine that runs the tests.
    const options = { name: 'cache', setting: 'REDIS_URL', commandTimeoutMs: 1_000 };
    const redis = new RedisConnection(target, new Metrics(), options);
    await redis.start();
    return new RedisBench(server, redis);
  }

  async newPage(): Promise<PageKey> {
    const key = newKey();
    // A server that is not up for long may have forgotten writes.
    await this.store.look(key, undefined);
    await this.pass(TIMES.leaseMs + TIMES.intentMs);
    return key;
  }

  async pass(ms: number): Promise<void> {
    const keys = (await this.server.command('KEYS', 'cg:*')).split('\n').filter(Boolean);
    for (const key of keys) await this.redis.run(PASS, [key], [ms]);
  }

  /** Until the connection is back. */
  async isUp(): Promise<void> {
    await eventually(async () => this.redis.up || undefined);
  }

  async close(): Promise<void> {
    this.redis.close();
    await this.server.stop();
  }
}
