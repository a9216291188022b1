import { Module } from '@nestjs/common';
import { TenantRateLimit } from './tenant-rate-limit.js';

@Module({ providers: [TenantRateLimit], exports: [TenantRateLimit] })
export class RateLimitModule {}
