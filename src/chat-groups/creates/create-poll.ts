import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import type { GatewayError } from '../../errors/gateway-error.js';
import type { Reconciled, SentWrite } from '../../idempotency/idempotency.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { FOUND, type Written, done, failed } from '../writes/write.js';
import { lookupPauseMs } from '../../util/lookup-pause.js';
import { createUnknown, endedUnknown, notExecuted } from '../writes/write-errors.js';
import type { CreateOperation, CreatedGroup } from './create-operation.js';
import { CreateOperationStore, type TrackedOperation } from './create-operation-store.js';
import { CreatedGroupMatcher } from './created-group-matcher.js';
import { PendingCreates } from './pending-creates.js';

export interface CreateFacts {
  readonly operationId: string;
}

/** An add call that was sent. */
export interface Added extends Written {
  readonly tracked: TrackedOperation;
  readonly uniqueCode?: string | undefined;
  /** Set if it is unknown whether the add call was executed. */
  readonly lost?: GatewayError;
}

const FIRST_POLL_MS = 100;
const LONGEST_POLL_MS = 1_000;
const POLL_GROWTH = 1.6;
/** Part of the request's time budget that is reserved for the invite link and the response. */
const ANSWER_RESERVE_MS = 500;

/** Looks for the group of a create operation for as long as its request has time. */
@Injectable()
export class CreatePoll {
  constructor(
    private readonly matcher: CreatedGroupMatcher,
    private readonly pending: PendingCreates,
    private readonly operations: CreateOperationStore,
    private readonly config: Config,
  ) {}

  /**
   * Polls unless the caller prefers not to wait, then returns the operation. Throws `OUTCOME_UNKNOWN` if there is neither a
   * confirmation by CAMS nor a group.
   */
  async confirm(
    scope: TenantScope,
    { lost, tracked, uniqueCode, ...written }: Added,
    respondAsync: boolean,
  ): Promise<CreatedGroup> {
    const confirmed = { ...tracked.operation, addConfirmed: true, uniqueCode };
    const first = lost ? tracked : await this.operations.note(tracked, confirmed);
    const last = respondAsync
      ? first
      : await this.#poll(scope, first, (found) => this.matcher.tryResolve(scope, found));
    const operation = await this.#stored(last);
    if (operation.state !== 'SUCCEEDED' && lost && !operation.row)
      throw createUnknown(operation.id, { lost });
    // The weakest guarantee of all steps: adding the group, finding it, and creating its link.
    const coherence = operation.coherence === 'BOUNDED' ? 'BOUNDED' : written.coherence;
    return { ...written, coherence, operation };
  }

  /** Looks for the group that the add call may have created. Never adds it again. */
  async reconcile(
    scope: TenantScope,
    { facts, result, mayStillApply }: SentWrite<CreateFacts, unknown>,
  ): Promise<Reconciled<CreatedGroup>> {
    const { operationId } = facts;
    const first = await this.operations.read(operationId);
    if (!first) return { kind: 'unknown', error: createUnknown(operationId) };
    const { operation } = await this.#poll(scope, first, async (last) => {
      await this.pending.lookUp(operationId);
      return (await this.operations.read(operationId)) ?? last;
    });
    const confirmed = operation.addConfirmed || result !== undefined || operation.row !== undefined;
    if (operation.state === 'SUCCEEDED' || confirmed) return done({ ...FOUND, operation });
    const isAbsent = operation.state === 'UNRESOLVED' && !operation.inconclusive;
    const decided = operation.dropped || (isAbsent && !mayStillApply);
    if (decided) return failed(notExecuted(operation.detail, operationId));
    if (operation.state !== 'PENDING') return { kind: 'unknown', error: endedUnknown(operationId) };
    const retryAfterSeconds = lookupPauseMs(Date.now() - operation.preparedAtMs) / 1_000;
    return { kind: 'unknown', error: createUnknown(operationId, { retryAfterSeconds }) };
  }

  /** Stores the attempts of an operation that stays pending, unless a caller has closed it meanwhile. */
  async #stored(tracked: TrackedOperation): Promise<CreateOperation> {
    const { operation } = tracked;
    if (operation.state !== 'PENDING' || (await this.operations.tryChange(tracked, operation)))
      return operation;
    return (await this.operations.readIfThere(operation.id))?.operation ?? operation;
  }

  async #poll(
    { request }: TenantScope,
    first: TrackedOperation,
    lookUp: (last: TrackedOperation) => Promise<TrackedOperation>,
  ): Promise<TrackedOperation> {
    const windowMs = Math.min(this.config.creates.resolveTimeoutMs, request.remainingMs - ANSWER_RESERVE_MS);
    const endMs = performance.now() + windowMs;
    let tracked = first;
    for (let delayMs = FIRST_POLL_MS; ; delayMs = Math.min(delayMs * POLL_GROWTH, LONGEST_POLL_MS)) {
      // Somebody may have closed it before the first lookup.
      if (tracked.operation.state === 'PENDING') tracked = await lookUp(tracked);
      const restMs = endMs - performance.now();
      if (tracked.operation.state !== 'PENDING' || restMs <= 0) return tracked;
      await sleep(Math.min(delayMs, restMs));
    }
  }
}
