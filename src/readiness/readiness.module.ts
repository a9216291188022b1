import { Module } from '@nestjs/common';
import { CamsModule } from '../cams/cams.module.js';
import { RedisModule } from '../redis/redis.module.js';
import { TenancyModule } from '../tenancy/tenancy.module.js';
import { AccountChecks } from './account-checks.js';
import { ReadinessReport } from './readiness-report.js';

/** Checks what the gateway depends on, and reports it to the operator. */
@Module({
  imports: [CamsModule, RedisModule, TenancyModule],
  providers: [AccountChecks, ReadinessReport],
})
export class ReadinessModule {}
