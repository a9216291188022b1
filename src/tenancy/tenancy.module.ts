import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { AccessCheck } from './access-check.js';
import { Authenticator } from './auth/authenticator.js';
import { TenantDirectory } from './directory/tenant-directory.js';
import { TenantRemovals } from './directory/tenant-removals.js';

/** Authentication and authorization. */
@Module({
  imports: [DiscoveryModule],
  providers: [TenantDirectory, TenantRemovals, Authenticator, AccessCheck],
  exports: [TenantDirectory, Authenticator],
})
export class TenancyModule {}
