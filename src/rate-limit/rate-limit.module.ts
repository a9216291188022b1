import { Module } from '@nestjs/common';
import { RedisModule } from '../redis/redis.module.js';
import { TenantDeleteLimit } from './tenant-delete-limit.js';
import { TenantConcurrency } from './tenant-concurrency.js';
import { TenantRateLimit } from './tenant-rate-limit.js';

@Module({
  imports: [RedisModule],
  providers: [TenantRateLimit, TenantConcurrency, TenantDeleteLimit],
  exports: [TenantRateLimit, TenantConcurrency, TenantDeleteLimit],
})
export class RateLimitModule {}
