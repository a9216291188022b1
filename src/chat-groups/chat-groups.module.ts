import { Module } from '@nestjs/common';
import { CacheModule } from '../cache/cache.module.js';
import { CamsModule } from '../cams/cams.module.js';
import { IdempotencyModule } from '../idempotency/idempotency.module.js';
import { RateLimitModule } from '../rate-limit/rate-limit.module.js';
import { StateModule } from '../state/state.module.js';
import { TenancyModule } from '../tenancy/tenancy.module.js';
import { CallerController } from './rest/caller.controller.js';
import { ChatGroupController } from './rest/chat-group.controller.js';
import { ChatGroupMutationsResolver } from './graphql/chat-group-mutations.resolver.js';
import { ChatGroupsController } from './rest/chat-groups.controller.js';
import { ChatGroupsResolver } from './graphql/chat-groups.resolver.js';
import { ChatGroupsService } from './reads/chat-groups.service.js';
import { CreateInviteLink } from './creates/create-invite-link.js';
import { CreatedGroupMatcher } from './creates/created-group-matcher.js';
import { GroupCreation } from './creates/group-creation.js';
import { GroupLocks } from './writes/group-locks.js';
import { GroupPages } from './reads/group-pages.js';
import { GroupReconciliation } from './writes/group-reconciliation.js';
import { GroupTurns } from './writes/group-turns.js';
import { GroupWrites } from './writes/group-writes.js';
import { InviteLinkWrites } from './writes/invite-link-writes.js';
import { GroupIndex } from './reads/group-index.js';
import { CreateOperationsService } from './creates/create-operations.service.js';
import { CreateOperationStore } from './creates/create-operation-store.js';
import { Ownership } from './reads/ownership.js';
import { ParticipantReads } from './reads/participants.js';
import { PendingCreates } from './creates/pending-creates.js';
import { RecordedWrites } from './writes/recorded-writes.js';
import { SubjectLocks } from './writes/subject-locks.js';
import { UpstreamWrites } from './writes/upstream-writes.js';

@Module({
  imports: [CacheModule, CamsModule, IdempotencyModule, RateLimitModule, StateModule, TenancyModule],
  controllers: [ChatGroupsController, ChatGroupController, CallerController],
  providers: [
    ChatGroupsResolver,
    ChatGroupMutationsResolver,
    ChatGroupsService,
    CreateInviteLink,
    CreateOperationsService,
    CreatedGroupMatcher,
    GroupCreation,
    GroupLocks,
    GroupPages,
    GroupReconciliation,
    GroupTurns,
    GroupWrites,
    InviteLinkWrites,
    GroupIndex,
    CreateOperationStore,
    Ownership,
    ParticipantReads,
    PendingCreates,
    RecordedWrites,
    SubjectLocks,
    UpstreamWrites,
  ],
})
export class ChatGroupsModule {}
