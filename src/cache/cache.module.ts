import { Module, type Provider } from '@nestjs/common';
import { Config } from '../config/config.js';
import type { RedisConnection } from '../redis/redis-connection.js';
import { CACHE_REDIS, RedisModule } from '../redis/redis.module.js';
import { Metrics } from '../telemetry/metrics.js';
import { MemoryPageStore } from './stores/memory-page-store.js';
import { CacheTelemetry } from './cache-telemetry.js';
import { PageCache } from './page-cache.js';
import { L1PageCache } from './l1-page-cache.js';
import type { PageStore } from './stores/page-store.js';
import { protocolTimes } from './protocol-times.js';
import { RedisPageStore } from './stores/redis-page-store.js';

const PAGE_STORE = Symbol('PAGE_STORE');

/** Maximum size of the pages cached as parsed objects. */
const LAYER_BYTES = 16 * 1024 * 1024;
/** Maximum size of the pages that the in-process store holds as text. */
const STORE_BYTES = 64 * 1024 * 1024;

const providers: Provider[] = [
  {
    provide: PAGE_STORE,
    useFactory: (config: Config, redis: RedisConnection | null): PageStore => {
      const times = protocolTimes(config);
      return redis ? new RedisPageStore(redis, times) : new MemoryPageStore(times, STORE_BYTES);
    },
    inject: [Config, CACHE_REDIS],
  },
  {
    provide: PageCache,
    useFactory: (config: Config, store: PageStore, metrics: Metrics): PageCache => {
      const { coherence, freshMs, staleWhileRevalidateMs, staleIfErrorMs } = config.cache;
      return new PageCache(store, new L1PageCache(LAYER_BYTES, metrics.foreignPages), {
        coherence,
        callMs: config.cams.timeoutMs,
        intentMs: protocolTimes(config).intentMs,
        telemetry: new CacheTelemetry(metrics),
        pageLifeMs: Math.max(freshMs, staleWhileRevalidateMs, staleIfErrorMs),
      });
    },
    inject: [Config, PAGE_STORE, Metrics],
  },
];

@Module({ imports: [RedisModule], providers, exports: [PageCache] })
export class CacheModule {}
