import { Module } from '@nestjs/common';
import { Config } from '../config/config.js';
import type { RedisConnection } from '../redis/redis-connection.js';
import { RedisModule, STATE_REDIS } from '../redis/redis.module.js';
import { CamsClient } from './cams-client.js';
import { ACCOUNT_PACE, type AccountPace } from './pace/account-pace.js';
import { ProcessPace } from './pace/process-pace.js';
import { SharedPace } from './pace/shared-pace.js';

@Module({
  imports: [RedisModule],
  providers: [
    CamsClient,
    {
      provide: ACCOUNT_PACE,
      inject: [STATE_REDIS, Config],
      useFactory: (redis: RedisConnection | null, { cams }: Config): AccountPace =>
        redis ? new SharedPace(redis, cams.qps) : new ProcessPace(cams.qps),
    },
  ],
  exports: [CamsClient],
})
export class CamsModule {}
