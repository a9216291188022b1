import { Injectable } from '@nestjs/common';
import type { WriteOutcome } from '../../idempotency/idempotency.js';
import type { WriteRecorder } from '../../idempotency/write-recorder.js';
import { shareOf } from '../../state/state-share.js';
import { StateUnavailable } from '../../state/state-store.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import type { Step } from '../writes/write.js';
import { SubjectLocks } from '../writes/subject-locks.js';
import type { OutcomeHolder } from '../writes/write-audit.js';
import { tookTooLong } from '../writes/write-errors.js';
import { CandidateGroups } from './candidate-groups.js';
import { CreateAudit } from './create-audit.js';
import type { CreateOperation, CreatedGroup } from './create-operation.js';
import { CreateOperationStore, PROCESS_ID, type TrackedOperation } from './create-operation-store.js';
import { PendingCreates } from './pending-creates.js';

export interface NewGroup {
  readonly subject: string;
  readonly description?: string;
  readonly withInviteLink?: boolean;
}

/** A create request on its way through the steps, with their results so far. */
export interface StartedCreate {
  readonly scope: TenantScope;
  readonly group: NewGroup;
  readonly operationId: string;
  readonly recorder: WriteRecorder;
  readonly operation?: SendingOperation;
}

export type CreateStep = Step<StartedCreate, WriteOutcome<CreatedGroup>>;

/** The operation of a create request that is being sent. It is marked as sent before the idempotency record is. */
export class SendingOperation implements WriteRecorder {
  /** Whether the add call may have been sent. */
  sent = false;
  /** Whether the add call was executed or its outcome is unknown: the operation then outlives the request. */
  goesOn = false;

  constructor(
    /** The operation as last stored. */
    public tracked: TrackedOperation,
    /** Holds the audited outcome of the add call back until the group is found. */
    readonly holder: OutcomeHolder,
    private readonly markSent: (tracked: TrackedOperation) => Promise<TrackedOperation>,
    private readonly recorder: WriteRecorder,
  ) {}

  async sending(facts: unknown): Promise<void> {
    this.tracked = await this.markSent(this.tracked);
    await this.recorder.sending(facts);
    this.sent = true;
  }

  async applied(result: unknown): Promise<void> {
    await this.recorder.applied(result);
  }
}

/** Acquires what a create request needs before it is sent: the lookup lock, the subject lock and its operation. */
@Injectable()
export class CreateOperationStep implements CreateStep {
  constructor(
    private readonly operations: CreateOperationStore,
    private readonly subjectLocks: SubjectLocks,
    private readonly candidates: CandidateGroups,
    private readonly pending: PendingCreates,
    private readonly audit: CreateAudit,
  ) {}

  /**
   * Throws `CONFLICT` while a create operation with the same subject is in progress, and `RATE_LIMITED` if the tenant's share
   * of the state store is used up.
   */
  async execute(
    create: StartedCreate,
    next: (create: StartedCreate) => Promise<WriteOutcome<CreatedGroup>>,
  ): Promise<WriteOutcome<CreatedGroup>> {
    const { scope, group, operationId } = create;
    // No other process knows the operation yet.
    const lookup = await this.pending.acquireLookup(operationId, scope.request.isKeyed);
    try {
      await this.subjectLocks.acquire(scope, group.subject, operationId);
      return await this.#withOperation(create, next);
    } finally {
      await lookup?.release();
    }
  }

  /** Removes the operation and the lock if the add call certainly was not sent or not executed. */
  async #withOperation(
    create: StartedCreate,
    next: (create: StartedCreate) => Promise<WriteOutcome<CreatedGroup>>,
  ): Promise<WriteOutcome<CreatedGroup>> {
    const { scope, group, operationId, recorder } = create;
    let operation: SendingOperation | undefined;
    let groupId: string | undefined;
    try {
      const tracked = await this.#prepare(create);
      const holder = this.audit.open(operationId);
      operation = new SendingOperation(tracked, holder, (latest) => this.#markSent(scope, latest), recorder);
      const outcome = await next({ ...create, operation });
      groupId = outcome.value.operation.row?.groupId;
      return outcome;
    } catch (error) {
      if (operation?.goesOn) throw error;
      if (!operation) await this.subjectLocks.release(scope, group.subject, operationId);
      else if (await this.operations.drop(operation.tracked, { wasNeverSent: true }))
        await this.operations.end(scope, operation.tracked.operation);
      throw error;
    } finally {
      await this.audit.release(operationId, groupId);
    }
  }

  async #prepare({ scope, group, operationId }: StartedCreate): Promise<TrackedOperation> {
    const { subject, withInviteLink = false } = group;
    const { isKeyed } = scope.request;
    const share = shareOf(scope.tenant);
    // Before anything is sent to CAMS. Afterwards, the operation itself may still be too large.
    await this.operations.requireRoom(share);
    const existing = await this.candidates.ofSubject(scope, subject);
    const operation: CreateOperation = {
      id: operationId,
      madeBy: PROCESS_ID,
      tenantId: scope.tenant.id,
      custSpaceId: scope.custSpaceId,
      businessNumber: scope.businessNumber,
      subject,
      withInviteLink,
      isKeyed,
      existing: existing.map(({ groupId }) => groupId),
      preparedAtMs: performance.timeOrigin + performance.now(),
      sent: false,
      addConfirmed: false,
      state: 'PENDING',
      coherence: 'COHERENT',
    };
    return this.operations.add(operation, { share, sharedOnly: isKeyed });
  }

  /** Makes the operation and the lock of its subject outlive this process. */
  async #markSent(scope: TenantScope, tracked: TrackedOperation): Promise<TrackedOperation> {
    const { id, subject } = tracked.operation;
    const marking = { ...tracked.operation, sent: true, sentAtMs: Date.now() };
    try {
      // The lock first: an operation that may have been sent is never without it.
      const kept = await this.subjectLocks.keep(scope, subject, id);
      const marked = kept && (await this.operations.change(tracked, marking));
      if (!marked) throw tookTooLong();
      return marked;
    } catch (error) {
      // Without an idempotency key the write continues. With one, its record might be stored if the store is back by then, and
      // say that the write was sent; if this process then dies, the operation would say that it was not.
      if (!(error instanceof StateUnavailable) || scope.request.isKeyed) throw error;
      return this.operations.note(tracked, marking);
    }
  }
}
