import { Module } from '@nestjs/common';
import { CacheModule } from '../cache/cache.module.js';
import { CamsModule } from '../cams/cams.module.js';
import { IdempotencyModule } from '../idempotency/idempotency.module.js';
import { RateLimitModule } from '../rate-limit/rate-limit.module.js';
import { StateModule } from '../state/state.module.js';
import { TenancyModule } from '../tenancy/tenancy.module.js';
import { CallerController } from './caller.controller.js';
import { ChatGroupController } from './chat-group.controller.js';
import { ChatGroupMutationsResolver } from './chat-group-mutations.resolver.js';
import { ChatGroupsController } from './chat-groups.controller.js';
import { ChatGroupsResolver } from './chat-groups.resolver.js';
import { ChatGroupsService } from './chat-groups.service.js';
import { CreateLinks } from './create-links.js';
import { CreateResolver } from './create-resolver.js';
import { GroupCreation } from './group-creation.js';
import { GroupLocks } from './group-locks.js';
import { GroupPages } from './group-pages.js';
import { GroupReconciliation } from './group-reconciliation.js';
import { GroupTurns } from './group-turns.js';
import { GroupWrites } from './group-writes.js';
import { InviteLinks } from './invite-links.js';
import { KnownGroups } from './known-groups.js';
import { Operations } from './operations.js';
import { Ownership } from './ownership.js';
import { Participants } from './participants.js';
import { PendingCreates } from './pending-creates.js';
import { RenderedPages } from './rendered-pages.js';
import { RecordedWrites } from './recorded-writes.js';
import { SliceViews } from './slice-views.js';
import { SubjectLocks } from './subject-locks.js';
import { UpstreamWrites } from './upstream-writes.js';

@Module({
  imports: [CacheModule, CamsModule, IdempotencyModule, RateLimitModule, StateModule, TenancyModule],
  controllers: [ChatGroupsController, ChatGroupController, CallerController],
  providers: [
    ChatGroupsResolver,
    ChatGroupMutationsResolver,
    ChatGroupsService,
    CreateLinks,
    CreateResolver,
    GroupCreation,
    GroupLocks,
    GroupPages,
    GroupReconciliation,
    GroupTurns,
    GroupWrites,
    InviteLinks,
    KnownGroups,
    Operations,
    Ownership,
    Participants,
    PendingCreates,
    RecordedWrites,
    RenderedPages,
    SliceViews,
    SubjectLocks,
    UpstreamWrites,
  ],
})
export class ChatGroupsModule {}
