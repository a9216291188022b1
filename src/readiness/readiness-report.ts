import { Inject, Injectable } from '@nestjs/common';
import type { RedisConnection } from '../redis/redis-connection.js';
import { CACHE_REDIS, STATE_REDIS } from '../redis/redis.module.js';
import { Management } from '../telemetry/management.js';
import { AccountChecks } from './account-checks.js';

/** Adds to the readiness check what the gateway depends on. */
@Injectable()
export class ReadinessReport {
  constructor(
    management: Management,
    accounts: AccountChecks,
    @Inject(CACHE_REDIS) cache: RedisConnection | null,
    @Inject(STATE_REDIS) state: RedisConnection | null,
  ) {
    management.reportChecks(() => ({
      cacheRedis: cache?.status ?? 'not configured',
      stateRedis: state?.status ?? 'not configured',
      cams: accounts.results,
    }));
  }
}
