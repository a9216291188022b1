import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { AccessCheck } from './access-check.js';
import { Authenticator } from './auth/authenticator.js';
import { TenantDirectory } from './directory/tenant-directory.js';

/** Authentication and authorization. */
@Module({
  imports: [DiscoveryModule],
  providers: [TenantDirectory, Authenticator, AccessCheck],
  exports: [TenantDirectory, Authenticator],
})
export class TenancyModule {}
