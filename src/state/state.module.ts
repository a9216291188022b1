import { Module, type Provider } from '@nestjs/common';
import type { RedisConnection } from '../redis/redis-connection.js';
import { RedisModule, STATE_REDIS } from '../redis/redis.module.js';
import { LenientStateStore } from './lenient-state-store.js';
import { Locks } from './locks.js';
import { MemoryStateStore } from './memory-state-store.js';
import { RedisStateStore } from './redis-state-store.js';
import { LENIENT_STATE_STORE, STATE_STORE, type StateStore } from './state-store.js';

const providers: Provider[] = [
  {
    provide: STATE_STORE,
    inject: [STATE_REDIS],
    useFactory: (redis: RedisConnection | null): StateStore =>
      redis ? new RedisStateStore(redis) : new MemoryStateStore(),
  },
  {
    provide: LENIENT_STATE_STORE,
    inject: [STATE_STORE],
    useFactory: (store: StateStore): StateStore => new LenientStateStore(store),
  },
  { provide: Locks, inject: [LENIENT_STATE_STORE], useFactory: (store: StateStore) => new Locks(store) },
];

@Module({ imports: [RedisModule], providers, exports: [STATE_STORE, LENIENT_STATE_STORE, Locks] })
export class StateModule {}
