import { Module } from '@nestjs/common';
import { CacheModule } from '../cache/cache.module.js';
import { CamsModule } from '../cams/cams.module.js';
import { Config } from '../config/config.js';
import { IdempotencyModule } from '../idempotency/idempotency.module.js';
import { RateLimitModule } from '../rate-limit/rate-limit.module.js';
import { StateModule } from '../state/state.module.js';
import { AuditLog } from '../telemetry/audit-log.js';
import { TenancyModule } from '../tenancy/tenancy.module.js';
import { CallerController } from './rest/caller.controller.js';
import { ChatGroupController } from './rest/chat-group.controller.js';
import { ChatGroupMutationsResolver } from './graphql/chat-group-mutations.resolver.js';
import { ChatGroupsController } from './rest/chat-groups.controller.js';
import { ChatGroupsResolver } from './graphql/chat-groups.resolver.js';
import { ChatGroupsService } from './reads/chat-groups.service.js';
import { CandidateGroups } from './creates/candidate-groups.js';
import { CreateAudit } from './creates/create-audit.js';
import { CreateInviteLink } from './creates/create-invite-link.js';
import { CreatedGroupMatcher } from './creates/created-group-matcher.js';
import { GroupCreation } from './creates/group-creation.js';
import { GroupPages } from './reads/group-pages.js';
import { GroupLock } from './writes/group-lock.js';
import { IdempotencyStep, OwnershipStep, PreconditionStep } from './writes/guard-steps.js';
import { OutgoingWrites } from './writes/sending-steps.js';
import { ParticipantRemovals } from './writes/participant-removals.js';
import { ReadBack } from './writes/read-back.js';
import { WritePipeline } from './writes/write-pipeline.js';
import { CreateOperationStep } from './creates/create-operation-step.js';
import { CreatePoll } from './creates/create-poll.js';
import { GroupWriteSteps } from './writes/group-write-steps.js';
import { CreateGuard } from './writes/create-guard.js';
import { PendingCreateGuard } from './creates/pending-create-guard.js';
import { GroupWrites } from './writes/group-writes.js';
import { PictureCheck } from './writes/picture-check.js';
import { LongTexts } from './writes/long-texts.js';
import { InviteLinkWrites } from './writes/invite-link-writes.js';
import { GroupIndex } from './reads/group-index.js';
import { CreateOperationsService } from './creates/create-operations.service.js';
import { CreateOperationStore } from './creates/create-operation-store.js';
import { Ownership } from './reads/ownership.js';
import { ScannedGroups } from './reads/scanned-groups.js';
import { ParticipantReads } from './reads/participants.js';
import { OperationClosing } from './creates/operation-closing.js';
import { OperationIndex } from './creates/operation-index.js';
import { OperationLists } from './creates/operation-lists.js';
import { OperationsController } from './rest/operations.controller.js';
import { OperationsResolver } from './graphql/operations.resolver.js';
import { PendingCreates } from './creates/pending-creates.js';
import { QrCodeController } from './rest/qr-code.controller.js';
import { SubjectLocks } from './writes/subject-locks.js';
import { WriteAudit } from './writes/write-audit.js';

@Module({
  imports: [CacheModule, CamsModule, IdempotencyModule, RateLimitModule, StateModule, TenancyModule],
  controllers: [
    ChatGroupsController,
    ChatGroupController,
    QrCodeController,
    OperationsController,
    CallerController,
  ],
  providers: [
    ChatGroupsResolver,
    ChatGroupMutationsResolver,
    OperationsResolver,
    ChatGroupsService,
    CandidateGroups,
    CreateAudit,
    CreateInviteLink,
    CreateOperationStep,
    CreatePoll,
    CreateOperationsService,
    CreatedGroupMatcher,
    GroupCreation,
    GroupLock,
    IdempotencyStep,
    LongTexts,
    OutgoingWrites,
    OwnershipStep,
    ParticipantRemovals,
    PreconditionStep,
    ReadBack,
    WritePipeline,
    GroupPages,
    GroupWrites,
    GroupWriteSteps,
    PictureCheck,
    InviteLinkWrites,
    GroupIndex,
    CreateOperationStore,
    OperationClosing,
    OperationIndex,
    OperationLists,
    Ownership,
    ScannedGroups,
    ParticipantReads,
    PendingCreates,
    SubjectLocks,
    { provide: CreateGuard, useClass: PendingCreateGuard },
    {
      provide: WriteAudit,
      useFactory: (log: AuditLog, { tenancy }: Config) => new WriteAudit(log, tenancy.pepper),
      inject: [AuditLog, Config],
    },
  ],
})
export class ChatGroupsModule {}
