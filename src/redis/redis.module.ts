import { Module } from '@nestjs/common';
import { Config } from '../config.js';
import { Metrics } from '../telemetry/metrics.js';
import { RedisConnection } from './redis-connection.js';

/** The connection to the Redis of the cache; `null` without `REDIS_URL`. */
export const CACHE_REDIS = Symbol('CACHE_REDIS');

/** Connections that start and end with the application. */
@Module({
  providers: [
    {
      provide: CACHE_REDIS,
      inject: [Config, Metrics],
      useFactory: ({ redis, production }: Config, metrics: Metrics) =>
        redis && new RedisConnection(redis, metrics, { name: 'cache', setting: 'REDIS_URL', production }),
    },
  ],
  exports: [CACHE_REDIS],
})
export class RedisModule {}
