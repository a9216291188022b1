import { Module } from '@nestjs/common';
import { RedisModule } from '../redis/redis.module.js';
import { TenantDeleteLimit } from './tenant-delete-limit.js';
import { TenantRateLimit } from './tenant-rate-limit.js';

@Module({
  imports: [RedisModule],
  providers: [TenantRateLimit, TenantDeleteLimit],
  exports: [TenantRateLimit, TenantDeleteLimit],
})
export class RateLimitModule {}
