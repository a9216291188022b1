import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import type { GatewayError } from '../../errors/gateway-error.js';
import type { Reconciled, SentWrite } from '../../idempotency/idempotency.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { FOUND, type Written, done, failed } from '../writes/write.js';
import { createUnknown, notExecuted } from '../writes/write-errors.js';
import { CreateOperationStore, type CreatedGroup, type TrackedOperation } from './create-operation-store.js';
import { CreatedGroupMatcher } from './created-group-matcher.js';
import { PendingCreates } from './pending-creates.js';

export interface CreateFacts {
  readonly operationId: string;
}

/** An add that was sent. */
export interface Added extends Written {
  readonly tracked: TrackedOperation;
  /** Why it is unknown whether the add was executed. */
  readonly lost?: GatewayError;
}

const FIRST_POLL_MS = 100;
const LONGEST_POLL_MS = 1_000;
const POLL_GROWTH = 1.6;
/** Kept back of the request's budget for the invite link and the answer itself. */
const ANSWER_RESERVE_MS = 500;

/** Looks for the group of a create for as long as its request has time. */
@Injectable()
export class CreatePoll {
  constructor(
    private readonly matcher: CreatedGroupMatcher,
    private readonly pending: PendingCreates,
    private readonly operations: CreateOperationStore,
    private readonly config: Config,
  ) {}

  /** The create as it is then. Throws `OUTCOME_UNKNOWN` when neither an answer nor a group tells what became of it. */
  async confirm(scope: TenantScope, { lost, tracked, ...written }: Added): Promise<CreatedGroup> {
    const confirmed = { ...tracked.operation, addConfirmed: true };
    const first = lost ? tracked : await this.operations.note(tracked, confirmed);
    const { operation } = await this.#poll(scope, first, (last) => this.matcher.tryResolve(scope, last));
    if (operation.state === 'PENDING' && lost && !operation.row) throw createUnknown(operation.id, lost);
    // As weak as the weakest of its steps: the add, the group that was found, and its link.
    const coherence = operation.coherence === 'BOUNDED' ? 'BOUNDED' : written.coherence;
    return { ...written, coherence, operation };
  }

  /** Never adds again: looks for the group that the add may have made. */
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
    const decided = operation.dropped || (operation.state === 'UNRESOLVED' && !mayStillApply);
    if (!decided) return { kind: 'unknown', error: createUnknown(operationId) };
    return failed(notExecuted(operation.detail, operationId));
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
      tracked = await lookUp(tracked);
      const restMs = endMs - performance.now();
      if (tracked.operation.state !== 'PENDING' || restMs <= 0) return tracked;
      await sleep(Math.min(delayMs, restMs));
    }
  }
}
