import { Logger, Module } from '@nestjs/common';
import { Config } from '../config/config.js';
import { Metrics } from '../telemetry/metrics.js';
import { RedisConnection } from './redis-connection.js';

/** The Redis connection of the cache; `null` without `REDIS_URL`. */
export const CACHE_REDIS = Symbol('CACHE_REDIS');

/** The Redis connection of the state; `null` if state lives in this process. */
export const STATE_REDIS = Symbol('STATE_REDIS');

// Longer than for the cache: a page can be listed again, but a write without its record is not protected.
const STATE_TIMEOUT_MS = 500;

/** Connections that start and end with the application. */
@Module({
  providers: [
    {
      provide: CACHE_REDIS,
      inject: [Config, Metrics],
      useFactory: ({ redis, production }: Config, metrics: Metrics) =>
        redis && new RedisConnection(redis, metrics, { name: 'cache', setting: 'REDIS_URL', production }),
    },
    { provide: STATE_REDIS, inject: [Config, Metrics], useFactory: stateRedis },
  ],
  exports: [CACHE_REDIS, STATE_REDIS],
})
export class RedisModule {}

// A separate connection even if the cache uses the same server: neither waits for the other or fails with it.
function stateRedis({ redis, state, production }: Config, metrics: Metrics): RedisConnection | null {
  if (!state.redis) {
    new Logger('Redis').log(
      'No Redis is configured for state: idempotency keys, operations, locks and quotas last as long as this process',
    );
    return null;
  }
  return new RedisConnection(state.redis, metrics, {
    name: 'state',
    setting: state.redis === redis ? 'REDIS_URL' : 'STATE_REDIS_URL',
    production,
    commandTimeoutMs: STATE_TIMEOUT_MS,
    durability: production && state.durability === 'strict' ? 'required' : 'advised',
  });
}
