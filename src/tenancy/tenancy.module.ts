import { Module } from '@nestjs/common';
import { Authenticator } from './auth/authenticator.js';
import { TenantDirectory } from './directory/tenant-directory.js';

/** Who calls, and what they may reach; needs `Config` and `Metrics` from a global module. */
@Module({ providers: [TenantDirectory, Authenticator], exports: [TenantDirectory, Authenticator] })
export class TenancyModule {}
