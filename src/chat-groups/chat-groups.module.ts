import { Module } from '@nestjs/common';
import { CacheModule } from '../cache/cache.module.js';
import { CamsModule } from '../cams/cams.module.js';
import { TenancyModule } from '../tenancy/tenancy.module.js';
import { CallerController } from './caller.controller.js';
import { ChatGroupController } from './chat-group.controller.js';
import { ChatGroupMutationsResolver } from './chat-group-mutations.resolver.js';
import { ChatGroupsController } from './chat-groups.controller.js';
import { ChatGroupsResolver } from './chat-groups.resolver.js';
import { ChatGroupsService } from './chat-groups.service.js';
import { CreateResolver } from './create-resolver.js';
import { GroupCreation } from './group-creation.js';
import { GroupPages } from './group-pages.js';
import { GroupWrites } from './group-writes.js';
import { KnownGroups } from './known-groups.js';
import { Operations } from './operations.js';
import { Ownership } from './ownership.js';
import { PendingCreates } from './pending-creates.js';
import { SubjectLocks } from './subject-locks.js';
import { UpstreamWrites } from './upstream-writes.js';

@Module({
  imports: [CacheModule, CamsModule, TenancyModule],
  controllers: [ChatGroupsController, ChatGroupController, CallerController],
  providers: [
    ChatGroupsResolver,
    ChatGroupMutationsResolver,
    ChatGroupsService,
    CreateResolver,
    GroupCreation,
    GroupPages,
    GroupWrites,
    KnownGroups,
    Operations,
    Ownership,
    PendingCreates,
    SubjectLocks,
    UpstreamWrites,
  ],
})
export class ChatGroupsModule {}
