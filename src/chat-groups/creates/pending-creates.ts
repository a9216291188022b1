import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { GatewayError, asGatewayError } from '../../errors/gateway-error.js';
import { RequestContext } from '../../request/request-context.js';
import { Config } from '../../config/config.js';
import { type Lock, Locks } from '../../state/locks.js';
import { StateUnavailable } from '../../state/state-store.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { TenantDirectory } from '../../tenancy/directory/tenant-directory.js';
import { SWEEP_MS, lookupPauseMs } from '../../util/lookup-pause.js';
import { withoutLink } from './create-invite-link.js';
import { CreatedGroupMatcher } from './created-group-matcher.js';
import type { CreateOperation } from './create-operation.js';
import { CreateOperationStore, PROCESS_ID, type TrackedOperation } from './create-operation-store.js';

/** How long the lookup lock of a process outlives that process. */
const LOOKUP_MS = 5_000;
/** Added to the time budget of a request: an add call that is not sent by then never will be. */
const UNSENT_MARGIN_MS = 10_000;
const LINK_UNKNOWN = 'The gateway could not find out in time whether the invite link was created.';

/** By `performance.now()`. */
interface Check {
  /** When this process learned of the operation. */
  readonly sinceMs: number;
  readonly atMs: number;
}

/**
 * Resolves create operations whose group was not found during their request, on this replica or on one that has died.
 * Looks for each group until the operation's time window has passed. Only one process at a time looks for a group.
 */
@Injectable()
export class PendingCreates implements OnModuleInit, OnModuleDestroy {
  readonly #logger = new Logger(PendingCreates.name);
  #timer: NodeJS.Timeout | undefined;
  #sweeping = false;
  /** Operations that this process is looking up. They do not wait for each other: the calls to CAMS are limited and shared fairly. */
  readonly #underWay = new Set<string>();
  /** When this process checks each pending operation again: even a check for nothing costs a command of the store. */
  #checks = new Map<string, Check>();

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

  /**
   * Acquires the lookup lock of an operation. Returns `undefined` while another process holds it. With `sharedOnly`, throws
   * `StateUnavailable` instead of locking within this process only.
   */
  async acquireLookup(id: string, sharedOnly = false): Promise<Lock | undefined> {
    const request = { owner: PROCESS_ID, lifeMs: LOOKUP_MS, sharedOnly };
    const taken = await this.locks.tryAcquire(lookupKey(id), request);
    if (!('lock' in taken)) return undefined;
    taken.lock.keepAlive();
    return taken.lock;
  }

  /** Looks once, unless another process holds the lookup lock. */
  async lookUp(id: string): Promise<void> {
    const lookup = await this.acquireLookup(id);
    if (!lookup) return this.#checkLater(id);
    let pauseMs = 0;
    try {
      pauseMs = await this.#lookUp(id);
    } finally {
      // A lock that is left expires when the next lookup is due.
      if (pauseMs > 0) await lookup.leave(pauseMs);
      else await lookup.release();
      this.#checkLater(id, pauseMs);
    }
  }

  /** By default, the pause grows with the time that this process has known the operation. */
  #checkLater(id: string, pauseMs?: number): void {
    const nowMs = performance.now();
    const { sinceMs } = this.#checks.get(id) ?? { sinceMs: nowMs };
    this.#checks.set(id, { sinceMs, atMs: nowMs + (pauseMs ?? lookupPauseMs(nowMs - sinceMs)) });
  }

  /** Returns the pause until the next lookup; 0 if none is needed. */
  async #lookUp(id: string): Promise<number> {
    const tracked = await this.operations.read(id);
    const request = new RequestContext(id, this.config.http.requestBudgetMs);
    // The create request was sent: not to look for its group would report it as failed.
    request.isAdmitted = true;
    const after = tracked && (await this.#advance(tracked, request));
    if (after?.operation.state === 'PENDING') {
      // Stores the attempts. If a caller has closed the operation meanwhile, this changes nothing.
      if (after !== tracked) await this.operations.tryChange(after, after.operation);
      return pauseAfter(after.operation);
    }
    if (after) await this.operations.end(this.#scopeOf(after.operation, request), after.operation);
    else await this.operations.noLongerPending(id);
    return 0;
  }

  async #sweep(): Promise<void> {
    if (this.#sweeping) return;
    this.#sweeping = true;
    try {
      await this.operations.flushUnstored();
      const pending = await this.operations.pending();
      const nowMs = performance.now();
      this.#checks = new Map(
        pending.map((id) => [id, this.#checks.get(id) ?? { sinceMs: nowMs, atMs: nowMs }]),
      );
      for (const [id, { atMs }] of this.#checks) if (atMs <= nowMs) void this.#lookUpOrLog(id);
    } catch (error) {
      this.#log(error);
    } finally {
      this.#sweeping = false;
    }
  }

  /** Logs a failure, so that it does not hold up the other operations. */
  async #lookUpOrLog(id: string): Promise<void> {
    if (this.#underWay.has(id)) return;
    this.#underWay.add(id);
    try {
      await this.lookUp(id);
    } catch (error) {
      this.#log(error);
    } finally {
      this.#underWay.delete(id);
    }
  }

  #log(error: unknown): void {
    // The next sweep retries, and the store logs its own outage.
    if (error instanceof StateUnavailable) return;
    this.#logger.warn({
      msg: 'could not check a pending create operation',
      code: asGatewayError(error).code,
    });
  }

  async #advance(tracked: TrackedOperation, request: RequestContext): Promise<TrackedOperation> {
    const { operation } = tracked;
    if (operation.state !== 'PENDING') return tracked;
    const ageMs = Date.now() - operation.preparedAtMs;
    return operation.sent ? this.#inScope(tracked, request, ageMs) : this.#unmarked(tracked, request, ageMs);
  }

  /** Continues an operation that is not marked as sent. */
  async #unmarked(
    tracked: TrackedOperation,
    request: RequestContext,
    ageMs: number,
  ): Promise<TrackedOperation> {
    const { operation } = tracked;
    const isOver = ageMs >= this.config.http.requestBudgetMs + UNSENT_MARGIN_MS;
    if (operation.isKeyed === false) {
      // A process that lost the state store could not mark it, and may have sent it nevertheless.
      const scope = this.#scopeOf(operation, request);
      if (scope) await this.operations.keepSubject(scope, operation);
      const sent = { ...tracked, operation: { ...operation, sent: true } };
      return isOver ? this.#inScope(sent, request, ageMs) : tracked;
    }
    if (!isOver) return tracked;
    // The process that wanted to send it has died, or will find that it must not send it now.
    const dropped = await this.operations.drop(tracked);
    return dropped ? { ...tracked, operation: { ...operation, state: 'UNRESOLVED' } } : tracked;
  }

  async #inScope(
    tracked: TrackedOperation,
    request: RequestContext,
    ageMs: number,
  ): Promise<TrackedOperation> {
    const { operation } = tracked;
    const { operationWindowMs, longestWindowMs } = this.config.creates;
    const over = ageMs >= operationWindowMs;
    const scope = this.#scopeOf(operation, request);
    if (!scope) {
      const detail = 'The business number is no longer accessible.';
      const unseen = { ...operation, detail, inconclusive: true };
      return this.operations.note(tracked, { ...unseen, ...(over && { state: 'UNRESOLVED' as const }) });
    }
    const after = await this.matcher.tryResolve(scope, tracked);
    if (!over || after.operation.state !== 'PENDING') return after;
    const { inconclusive, row } = after.operation;
    // A group that is found waits for its invite link, which an earlier attempt may still create.
    if ((inconclusive || row) && ageMs < longestWindowMs) return after;
    return this.operations.note(after, givenUp(after.operation));
  }

  /** Returns the scope according to the current tenants file: the tenant may have lost the number since. */
  #scopeOf(operation: CreateOperation, request: RequestContext): TenantScope | undefined {
    try {
      return this.directory.scope(operation.tenantId, operation, request);
    } catch (error) {
      const { code } = asGatewayError(error);
      this.#logger.warn({ msg: 'can no longer resolve a create operation', operation: operation.id, code });
      return undefined;
    }
  }
}

function pauseAfter({ preparedAtMs }: CreateOperation): number {
  return lookupPauseMs(Date.now() - preparedAtMs);
}

function givenUp(operation: CreateOperation): CreateOperation {
  if (operation.row) return withoutLink(operation, new GatewayError('OUTCOME_UNKNOWN', LINK_UNKNOWN));
  const nothing = operation.inconclusive
    ? 'The groups could not be listed when the operation ended: CAMS may have created the group.'
    : operation.addConfirmed
      ? 'CAMS confirmed the create request, but no new group with this subject was listed in time.'
      : 'No new group with this subject was listed: the create request was probably not executed.';
  return { ...operation, state: 'UNRESOLVED', detail: operation.detail ?? nothing };
}

function lookupKey(id: string): string {
  return `cgs:t:${id}`;
}
