import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { asGatewayError } from '../../errors/gateway-error.js';
import { RequestContext } from '../../request/request-context.js';
import { Config } from '../../config/config.js';
import { type Lock, Locks } from '../../state/locks.js';
import { StateUnavailable } from '../../state/state-store.js';
import { TenantDirectory } from '../../tenancy/directory/tenant-directory.js';
import { CreatedGroupMatcher } from './created-group-matcher.js';
import {
  type CreateOperation,
  CreateOperationStore,
  PROCESS_ID,
  type TrackedOperation,
} from './create-operation-store.js';

const SWEEP_MS = 1_000;
/** A group is looked for again after this part of the operation's age. */
const PACE = 0.5;
const LONGEST_PAUSE_MS = 15_000;
/** How long an operation stays with a process that has died. */
const LOOKUP_MS = 5_000;
/** After its request must be over, an add that was not sent never will be. */
const UNSENT_MARGIN_MS = 10_000;

/**
 * Creates whose group was not found within their request, of this replica or of one that has died: looked for until the
 * operation's window has passed. One process looks for a group at a time.
 */
@Injectable()
export class PendingCreates implements OnModuleInit, OnModuleDestroy {
  readonly #logger = new Logger(PendingCreates.name);
  #timer: NodeJS.Timeout | undefined;
  #sweeping = false;

  constructor(
    private readonly operations: CreateOperationStore,
    private readonly matcher: CreatedGroupMatcher,
    private readonly locks: Locks,
    private readonly directory: TenantDirectory,
    private readonly config: Config,
  ) {}

  onModuleInit(): void {
    this.#timer = setInterval(() => void this.#sweep(), SWEEP_MS);
    this.#timer.unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.#timer);
  }

  /** The right to look for the group of an operation, until it is released; `undefined` while another has it. */
  async acquireLookup(id: string): Promise<Lock | undefined> {
    const taken = await this.locks.tryAcquire(lookupKey(id), { owner: PROCESS_ID, lifeMs: LOOKUP_MS });
    if (!('lock' in taken)) return undefined;
    taken.lock.keepAlive();
    return taken.lock;
  }

  /** Looks once, unless somebody else does. */
  async lookUp(id: string): Promise<void> {
    const lookup = await this.acquireLookup(id);
    if (!lookup) return;
    let pauseMs = 0;
    try {
      pauseMs = await this.#lookUp(id);
    } finally {
      // One that is left ends by itself when it is time for the next lookup.
      if (pauseMs > 0) await lookup.leave(pauseMs);
      else await lookup.release();
    }
  }

  /** How long the operation is to be left alone; 0 when nobody needs to look for it any more. */
  async #lookUp(id: string): Promise<number> {
    const tracked = await this.operations.read(id);
    const request = new RequestContext(id, this.config.http.requestBudgetMs);
    const after = tracked && (await this.#advance(tracked, request));
    if (after?.operation.state === 'PENDING') return pauseAfter(after.operation);
    await this.#end(after, request);
    return 0;
  }

  async #end(ended: TrackedOperation | undefined, request: RequestContext): Promise<void> {
    await this.operations.noLongerPending(request.requestId);
    if (!ended) return;
    const { operation } = ended;
    await this.matcher.end(this.directory.scope(operation.tenantId, operation, request), operation);
  }

  async #sweep(): Promise<void> {
    if (this.#sweeping) return;
    this.#sweeping = true;
    try {
      await this.operations.flushPending();
      for (const id of await this.operations.pending()) await this.#lookUpOrLog(id);
    } catch (error) {
      this.#log(error);
    } finally {
      this.#sweeping = false;
    }
  }

  /** One that fails must not keep the others waiting. */
  async #lookUpOrLog(id: string): Promise<void> {
    try {
      await this.lookUp(id);
    } catch (error) {
      this.#log(error);
    }
  }

  #log(error: unknown): void {
    // Without the store the next sweep finds the same, and the store tells of itself.
    if (error instanceof StateUnavailable) return;
    this.#logger.warn({ msg: 'a pending create could not be looked at', code: asGatewayError(error).code });
  }

  async #advance(tracked: TrackedOperation, request: RequestContext): Promise<TrackedOperation> {
    const { operation } = tracked;
    if (operation.state !== 'PENDING') return tracked;
    const ageMs = Date.now() - operation.preparedAtMs;
    if (!operation.sent) {
      if (ageMs < this.config.http.requestBudgetMs + UNSENT_MARGIN_MS) return tracked;
      // Whoever wanted to send it has died, or finds now that it may not.
      const dropped = await this.operations.drop(tracked);
      return dropped ? { ...tracked, operation: { ...operation, state: 'UNRESOLVED' } } : tracked;
    }
    const over = ageMs >= this.config.creates.operationWindowMs;
    return this.#inScope(tracked, request, over);
  }

  async #inScope(
    tracked: TrackedOperation,
    request: RequestContext,
    over: boolean,
  ): Promise<TrackedOperation> {
    const { operation } = tracked;
    try {
      // The tenant may have lost the number meanwhile: its scope is made anew, by the directory of this moment.
      const scope = this.directory.scope(operation.tenantId, operation, request);
      const after = await this.matcher.tryResolve(scope, tracked);
      if (!over || after.operation.state !== 'PENDING') return after;
      await this.matcher.end(scope, operation);
      return await this.operations.note(after, givenUp(after.operation));
    } catch (error) {
      this.#logger.warn({
        msg: 'a create can no longer be resolved',
        operation: operation.id,
        code: asGatewayError(error).code,
      });
      const detail = 'The number is no longer in reach.';
      return this.operations.note(tracked, { ...operation, detail, ...(over && { state: 'UNRESOLVED' }) });
    }
  }
}

function pauseAfter({ preparedAtMs }: CreateOperation): number {
  return Math.min(LONGEST_PAUSE_MS, Math.max(SWEEP_MS, (Date.now() - preparedAtMs) * PACE));
}

function givenUp(operation: CreateOperation): CreateOperation {
  const nothing = operation.addConfirmed
    ? 'CAMS confirmed the create, but no new group with this subject was listed in time.'
    : 'No new group with this subject was listed: the create was probably not executed.';
  return { ...operation, state: 'UNRESOLVED', detail: operation.detail ?? nothing };
}

function lookupKey(id: string): string {
  return `cgs:t:${id}`;
}
