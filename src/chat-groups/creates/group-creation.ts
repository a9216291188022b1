import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { GatewayError } from '../../errors/gateway-error.js';
import type { RequestContext } from '../../request/request-context.js';
import { Config } from '../../config/config.js';
import type { WriteRecorder } from '../../idempotency/write-recorder.js';
import type { Reconciled, SentWrite } from '../../idempotency/idempotency.js';
import type { Lock } from '../../state/locks.js';
import { StateUnavailable } from '../../state/state-store.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { createUnknown, notExecuted, tookTooLong } from '../writes/write-errors.js';
import { CreateInviteLink } from './create-invite-link.js';
import { CreatedGroupMatcher } from './created-group-matcher.js';
import { GroupLocks } from '../writes/group-locks.js';
import {
  type CreateOperation,
  CreateOperationStore,
  PROCESS_ID,
  type TrackedOperation,
} from './create-operation-store.js';
import { Ownership } from '../reads/ownership.js';
import { PendingCreates } from './pending-creates.js';
import { RecordedWrites } from '../writes/recorded-writes.js';
import { SubjectLocks } from '../writes/subject-locks.js';
import { UpstreamWrites, type Written } from '../writes/upstream-writes.js';

export interface NewGroup {
  readonly subject: string;
  readonly description?: string;
  readonly withInviteLink?: boolean;
}

/** Its group is missing while the operation is pending. */
export interface CreatedGroup extends Written {
  readonly operation: CreateOperation;
}

interface CreateFacts {
  readonly operationId: string;
}

interface Added extends Written {
  readonly tracked: TrackedOperation;
  /** Why it is unknown whether the add was executed. */
  readonly lost?: GatewayError;
}

const FIRST_POLL_MS = 100;
const LONGEST_POLL_MS = 1_000;
const POLL_GROWTH = 1.6;
/** Kept back of the request's budget for the invite link and the answer itself. */
const ANSWER_RESERVE_MS = 500;

/**
 * Creates a group and finds out which one it is: CAMS returns no id, so the gateway lists the groups of the subject
 * before and after. It never guesses: what cannot be told apart stays `PENDING`.
 */
@Injectable()
export class GroupCreation {
  constructor(
    private readonly recorded: RecordedWrites,
    private readonly upstream: UpstreamWrites,
    private readonly operations: CreateOperationStore,
    private readonly subjectLocks: SubjectLocks,
    private readonly groupLocks: GroupLocks,
    private readonly ownership: Ownership,
    private readonly links: CreateInviteLink,
    private readonly resolver: CreatedGroupMatcher,
    private readonly pending: PendingCreates,
    private readonly config: Config,
  ) {}

  /**
   * Throws `CONFLICT` while a create of the same subject is under way, and `OUTCOME_UNKNOWN`, naming the operation,
   * when the add was sent and neither an answer nor a new group tells what became of it.
   */
  async create(scope: TenantScope, group: NewGroup, context: RequestContext): Promise<CreatedGroup> {
    const { subject, description = null, withInviteLink = false } = group;
    if (withInviteLink) scope.require('groups:invite');
    const created = await this.recorded.run<CreateFacts, unknown, CreatedGroup>(scope, context, {
      identity: ['createChatGroup', subject, description, withInviteLink],
      execute: (attempt) => this.#create(scope, group, context, attempt),
      reconcile: (sent) => this.#reconcile(sent, context),
    });
    return context.idempotencyReplayed ? this.#upToDate(scope, created, context) : created;
  }

  async #create(
    scope: TenantScope,
    group: NewGroup,
    context: RequestContext,
    attempt: WriteRecorder,
  ): Promise<CreatedGroup> {
    const id = this.operations.newId();
    // Nobody else knows the operation yet.
    const turn = await this.pending.takeTurn(id);
    try {
      await this.subjectLocks.acquire(scope, group.subject, id);
      const added = await this.#prepareAndAdd(scope, group, id, context, attempt);
      const { lost, tracked, ...written } = added;
      const { operation } = await this.#poll(context, tracked, (last) =>
        this.resolver.tryResolve(scope, last, context),
      );
      if (operation.state === 'PENDING' && lost && !operation.row) throw createUnknown(operation.id, lost);
      // As weak as the weakest of its steps: the add, the group that was found, and its link.
      const coherence = operation.coherence === 'BOUNDED' ? 'BOUNDED' : written.coherence;
      return { ...written, coherence, operation };
    } finally {
      await turn?.release();
    }
  }

  /** What certainly was not sent, or not executed, leaves neither an operation nor a lock. */
  async #prepareAndAdd(
    scope: TenantScope,
    group: NewGroup,
    id: string,
    context: RequestContext,
    attempt: WriteRecorder,
  ): Promise<Added> {
    let tracked: TrackedOperation | undefined;
    try {
      tracked = await this.#prepare(scope, group, id, context);
      return await this.#add(scope, group, tracked, context, attempt, (latest) => (tracked = latest));
    } catch (error) {
      const over = !tracked || (await this.operations.drop(tracked));
      if (over) await this.subjectLocks.release(scope, group.subject, id);
      throw error;
    }
  }

  async #prepare(
    scope: TenantScope,
    { subject, withInviteLink }: NewGroup,
    id: string,
    context: RequestContext,
  ): Promise<TrackedOperation> {
    const existing = await this.resolver.groupsOfSubject(scope, subject, context);
    return this.operations.add({
      id,
      madeBy: PROCESS_ID,
      tenantId: scope.tenant.id,
      custSpaceId: scope.custSpaceId,
      businessNumber: scope.businessNumber,
      subject,
      withInviteLink: withInviteLink === true,
      existing: existing.map(({ groupId }) => groupId),
      preparedAtMs: performance.timeOrigin + performance.now(),
      sent: false,
      addConfirmed: false,
      state: 'PENDING',
      coherence: 'COHERENT',
    });
  }

  /** Sends the add, once. What certainly was not executed is thrown; what is unknown is left to the poll. */
  async #add(
    scope: TenantScope,
    { subject, description }: NewGroup,
    prepared: TrackedOperation,
    context: RequestContext,
    attempt: WriteRecorder,
    keep: (latest: TrackedOperation) => void,
  ): Promise<Added> {
    let tracked = prepared;
    let sent = false;
    const noted: WriteRecorder = {
      sending: async (facts) => {
        tracked = await this.#markSent(scope, tracked);
        keep(tracked);
        await attempt.sending(facts);
        sent = true;
      },
      applied: (result) => attempt.applied(result),
    };
    try {
      const fields = { subject, ...(description !== undefined && { description }) };
      const facts: CreateFacts = { operationId: prepared.operation.id };
      const written = await this.upstream.send(scope, 'addChatGroup', fields, context, {
        attempt: noted,
        facts,
      });
      const confirmed = { ...tracked.operation, addConfirmed: true };
      return { ...written, tracked: await this.operations.note(tracked, confirmed) };
    } catch (error) {
      // Only an error of the catalogue says for sure that nothing was executed.
      const lost = !(error instanceof GatewayError)
        ? createUnknown(prepared.operation.id)
        : error.code === 'OUTCOME_UNKNOWN' && error;
      if (!sent || !lost) throw error;
      const { upstreamRequestId } = lost.options;
      // The ids of the polls that follow are not the add's.
      context.keepUpstreamRequestId(upstreamRequestId);
      return { coherence: 'BOUNDED', upstreamRequestId, tracked, lost };
    }
  }

  /** From here on the operation, and the lock of its subject, outlive this process. */
  async #markSent(scope: TenantScope, tracked: TrackedOperation): Promise<TrackedOperation> {
    const { id, subject } = tracked.operation;
    const marking = { ...tracked.operation, sent: true };
    try {
      // The lock first: an operation that may have been sent is never without it.
      const kept = await this.subjectLocks.keep(scope, subject, id);
      const marked = kept && (await this.operations.change(tracked, marking));
      if (!marked) throw tookTooLong();
      return marked;
    } catch (error) {
      // Without a key the write goes on; with one, its record cannot be kept either.
      if (!(error instanceof StateUnavailable)) throw error;
      return this.operations.note(tracked, marking);
    }
  }

  async #poll(
    context: RequestContext,
    first: TrackedOperation,
    look: (last: TrackedOperation) => Promise<TrackedOperation>,
  ): Promise<TrackedOperation> {
    const windowMs = Math.min(this.config.creates.resolveTimeoutMs, context.remainingMs - ANSWER_RESERVE_MS);
    const endMs = performance.now() + windowMs;
    let tracked = first;
    for (let delayMs = FIRST_POLL_MS; ; delayMs = Math.min(delayMs * POLL_GROWTH, LONGEST_POLL_MS)) {
      tracked = await look(tracked);
      const restMs = endMs - performance.now();
      if (tracked.operation.state !== 'PENDING' || restMs <= 0) return tracked;
      await sleep(Math.min(delayMs, restMs));
    }
  }

  /** Never adds again: looks for the group that the add may have made. */
  async #reconcile(
    { facts, result, mayStillApply }: SentWrite<CreateFacts, unknown>,
    context: RequestContext,
  ): Promise<Reconciled<CreatedGroup>> {
    const { operationId } = facts;
    const first = await this.operations.read(operationId);
    if (!first) return { kind: 'unknown', error: createUnknown(operationId) };
    const { operation } = await this.#poll(context, first, async (last) => {
      await this.pending.look(operationId);
      return (await this.operations.read(operationId)) ?? last;
    });
    const confirmed = operation.addConfirmed || result !== undefined || operation.row !== undefined;
    if (operation.state === 'SUCCEEDED' || confirmed)
      return { kind: 'done', value: { operation, coherence: 'BOUNDED', upstreamRequestId: undefined } };
    const decided = operation.dropped || (operation.state === 'UNRESOLVED' && !mayStillApply);
    if (!decided) return { kind: 'unknown', error: createUnknown(operationId) };
    return { kind: 'failed', error: notExecuted(operation.detail, operationId) };
  }

  /** What became of it since its answer was kept; a link that could not be made is made now. */
  async #upToDate(scope: TenantScope, created: CreatedGroup, context: RequestContext): Promise<CreatedGroup> {
    const { state, inviteLinkError, id } = created.operation;
    if (state === 'SUCCEEDED' && !inviteLinkError) return created;
    const latest = (await this.operations.readIfThere(id))?.operation ?? created.operation;
    const { row } = latest;
    if (!latest.inviteLinkError || !row) return { ...created, operation: latest };
    const operation = await this.groupLocks.run(scope, row.groupId, context, (lock) =>
      this.#linked(scope, latest, row.groupId, context, lock),
    );
    return { ...created, operation };
  }

  /** Under the group's lock: who waited for it may find that another has made the link. */
  async #linked(
    scope: TenantScope,
    before: CreateOperation,
    groupId: string,
    context: RequestContext,
    lock: Lock,
  ): Promise<CreateOperation> {
    const tracked = await this.operations.readIfThere(before.id);
    if (!tracked?.operation.inviteLinkError) return tracked?.operation ?? before;
    const row = await this.ownership.findNow({ scope, groupId }, context);
    if (!row) return tracked.operation;
    return (await this.links.complete(scope, tracked, row, context, lock)).operation;
  }
}
