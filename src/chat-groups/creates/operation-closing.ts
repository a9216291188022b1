import { Injectable } from '@nestjs/common';
import { GatewayError, notFound } from '../../errors/gateway-error.js';
import type { WriteOutcome } from '../../idempotency/idempotency.js';
import { UNRECORDED, type WriteRecorder } from '../../idempotency/write-recorder.js';
import type { Caller } from '../../tenancy/caller.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { IdempotencyStep } from '../writes/guard-steps.js';
import { type Written, done } from '../writes/write.js';
import type { CreateOperation } from './create-operation.js';
import { CreateOperationStore, operationsAvailable } from './create-operation-store.js';
import { CreateOperationsService, type ShownOperation } from './create-operations.service.js';

interface ClosingWrite {
  readonly scope: TenantScope;
  readonly recorder: WriteRecorder;
}

interface Closed extends Written {
  readonly operation: CreateOperation;
}

/** Nothing is written to CAMS, so reads show what they showed before. */
const UNCHANGED: Written = { coherence: 'COHERENT', upstreamRequestId: undefined };

/** Attempts to close an operation that other processes change meanwhile. */
const MAX_ATTEMPTS = 5;

/** Closes create operations for callers who do not want to wait for them any longer. */
@Injectable()
export class OperationClosing {
  constructor(
    private readonly operations: CreateOperationStore,
    private readonly reads: CreateOperationsService,
    private readonly idempotency: IdempotencyStep,
  ) {}

  /**
   * Ends a pending operation as `UNRESOLVED` and releases its subject; returns an ended one unchanged. Throws `NOT_FOUND`,
   * `FORBIDDEN`, `OVERLOADED` and `STATE_UNAVAILABLE`.
   */
  async close(caller: Caller, id: string): Promise<WriteOutcome<Written & ShownOperation>> {
    const { scope } = await this.reads.own(caller, id);
    const step = this.idempotency.of<ClosingWrite, unknown, unknown, Closed>({
      identity: ['closeChatGroupOperation', id],
      // Closing again changes nothing.
      reconcile: async () => done(await this.#close(scope, id)),
    });
    const { value, replayed } = await step.execute({ scope, recorder: UNRECORDED }, async () => ({
      value: await this.#close(scope, id),
      replayed: false,
    }));
    return { value: { ...value, ...(await this.reads.shown(scope, value.operation)) }, replayed };
  }

  /** Compares and sets: if the group is found meanwhile, the operation has succeeded and stays so. */
  async #close(scope: TenantScope, id: string): Promise<Closed> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const tracked = await operationsAvailable(() => this.operations.read(id));
      if (!tracked) throw notFound();
      const { operation } = tracked;
      if (operation.state !== 'PENDING') return { ...UNCHANGED, operation };
      const closed = await operationsAvailable(() => this.operations.change(tracked, asClosed(operation)));
      if (!closed) continue;
      await this.operations.end(scope, closed.operation);
      return { ...UNCHANGED, operation: closed.operation };
    }
    const detail = 'The operation is being changed. It was not closed.';
    throw new GatewayError('OVERLOADED', detail, { retryAfterSeconds: 1 });
  }
}

function asClosed(operation: CreateOperation): CreateOperation {
  const found = operation.row ? 'its invite link was created' : 'its group was found';
  const detail = `The operation was closed before ${found}.`;
  // Closing it does not say whether its group was created.
  return { ...operation, state: 'UNRESOLVED', closed: true, detail, inconclusive: true };
}
