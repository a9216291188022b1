import { Inject, Injectable, Logger } from '@nestjs/common';
import { GatewayError } from '../../errors/gateway-error.js';
import type { StateShare } from '../../state/state-share.js';
import {
  LENIENT_STATE_STORE,
  type StateStore,
  StateUnavailable,
  type StateWrite,
} from '../../state/state-store.js';
import { Config, longestWriteMs } from '../../config/config.js';
import { Metrics } from '../../telemetry/metrics.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { withoutLongTexts } from '../writes/long-texts.js';
import { SubjectLocks, claimKey, operationKey } from '../writes/subject-locks.js';
import { randomToken } from '../../util/random-token.js';
import { DAY_MS } from '../../util/durations.js';
import type { CreateOperation } from './create-operation.js';
import { OperationIndex } from './operation-index.js';
import { parseJsonOrThrow } from '../../util/parse-json.js';

/** An operation as last read or written. */
export interface TrackedOperation {
  readonly operation: CreateOperation;
  readonly version: string;
}

/** A change that could not be stored yet. */
interface Change {
  readonly tracked: TrackedOperation;
  readonly next: CreateOperation;
  readonly wasNeverSent: boolean;
}

const PENDING = 'cgs:pending';
/** Between the mark of an add call and its sending, and until a group is listed. */
const LATE_MARGIN_MS = 5_000;

/** Identifies this process among the replicas. */
export const PROCESS_ID = randomToken(9);

/** The create operations of the last 24 h, of all replicas. */
@Injectable()
export class CreateOperationStore {
  /** Changes that could not be stored yet. */
  readonly #unstored = new Map<string, Change>();
  readonly #logger = new Logger(CreateOperationStore.name);

  constructor(
    @Inject(LENIENT_STATE_STORE) private readonly store: StateStore,
    private readonly index: OperationIndex,
    private readonly subjectLocks: SubjectLocks,
    private readonly metrics: Metrics,
    private readonly config: Config,
  ) {}

  /** Returns an operation. Throws `StateUnavailable`, like the methods below. */
  async read(id: string): Promise<TrackedOperation | undefined> {
    const entry = await this.store.read(operationKey(id));
    return entry && { operation: parseJsonOrThrow(entry.value) as CreateOperation, version: entry.version };
  }

  /** Like {@link read}, but returns `undefined` if the store is unavailable. */
  async readIfThere(id: string): Promise<TrackedOperation | undefined> {
    return this.#unlessOut(() => this.read(id));
  }

  /** Returns an operation in its current state. Throws `STATE_UNAVAILABLE`. */
  async find(id: string): Promise<CreateOperation | undefined> {
    return operationsAvailable(async () => (await this.read(id))?.operation);
  }

  /** Throws `RATE_LIMITED` if the share has no room for another operation. */
  async requireRoom(share: StateShare): Promise<void> {
    await this.#unlessOut(() => this.store.requireRoom(share));
  }

  /**
   * Stores a new operation as pending, for any process to resolve. Throws `RATE_LIMITED` if it does not fit into the
   * share. With `sharedOnly`, throws `StateUnavailable`; without, this process keeps it while the store is unavailable.
   */
  async add(
    operation: CreateOperation,
    options: Pick<StateWrite, 'share' | 'sharedOnly'> = {},
  ): Promise<TrackedOperation> {
    // First: if the operation is stored, somebody ends it, even if this request does not learn that it was.
    await this.store.addMember(PENDING, operation.id, options);
    const added = await this.#write(operation, undefined, options);
    if (!added) throw new Error('An operation with this id already exists.');
    await this.index.add(operation, options);
    return added;
  }

  /** Replaces the operation with `next`. Returns `undefined` if another process has changed it since it was read. */
  async change(tracked: TrackedOperation, next: CreateOperation): Promise<TrackedOperation | undefined> {
    const { operation: before, version } = tracked;
    const changed = await this.#write(next, version);
    // A dropped one was not sent.
    if (changed && before.state === 'PENDING' && next.state !== 'PENDING' && next.dropped !== true)
      this.metrics.createsEnded.inc({ state: endOf(next) });
    return changed;
  }

  /** Like {@link change}, but also returns `undefined` if the store is unavailable. */
  async tryChange(tracked: TrackedOperation, next: CreateOperation): Promise<TrackedOperation | undefined> {
    return this.#unlessOut(() => this.change(tracked, next));
  }

  /** Like {@link change}, for facts that hold even if they cannot be stored. Returns the operation as it is now. */
  async note(tracked: TrackedOperation, next: CreateOperation): Promise<TrackedOperation> {
    const changed = await this.#changeNowOrLater(tracked, next);
    if (changed) return changed;
    const theirs = this.#unstored.has(next.id) ? undefined : await this.readIfThere(next.id);
    return theirs ?? { ...tracked, operation: next };
  }

  /** Stores changes that could not be stored before. */
  async flushUnstored(): Promise<void> {
    const flushed = [...this.#unstored].map(([id, change]) =>
      this.#unlessOut(async () => {
        await this.#change(change);
        if (this.#unstored.get(id) === change) this.#unstored.delete(id);
      }),
    );
    await Promise.all(flushed);
  }

  /**
   * Ends an operation whose add call was not sent, as far as this process knows. Clients that know the operation can
   * still read it. Returns `false` if another process has continued it. Call {@link end} afterwards. `wasNeverSent`: the
   * caller is the request that would have sent it, so that it knows for certain.
   */
  async drop(tracked: TrackedOperation, { wasNeverSent = false } = {}): Promise<boolean> {
    const detail = 'As far as the gateway knows, the create request was not sent.';
    const { operation } = tracked;
    const over = { ...operation, state: 'UNRESOLVED', dropped: true, detail } as const;
    const dropped = await this.#changeNowOrLater(tracked, over, wasNeverSent);
    // The client was told that nothing was created, and refused requests must not displace operations to wait for.
    if (dropped || wasNeverSent) await this.#unlessOut(() => this.index.remove(operation));
    return dropped !== undefined;
  }

  /** Returns the ids of operations that may be pending. */
  async pending(): Promise<readonly string[]> {
    const ids = await this.store.members(PENDING);
    this.metrics.createsPending.set(ids.length);
    return ids;
  }

  /**
   * Releases the subject of an operation that has ended, and then removes the operation from the pending ones. If its state is
   * not stored yet, or the store fails, it remains among them, so that the next lookup by any process tries again. Without a
   * scope, because the tenant has lost the number, the lock of the subject expires by itself.
   */
  async end(scope: TenantScope | undefined, operation: CreateOperation): Promise<void> {
    const { id, subject } = operation;
    if (this.#unstored.has(id)) return;
    const inMs = this.#mayBeExecutedForMs(operation);
    const isReleased = !scope || (await this.subjectLocks.release(scope, subject, id, inMs));
    if (isReleased) await this.noLongerPending(id);
  }

  /**
   * For how long CAMS may still execute the add call of an operation that somebody has closed, in ms: until then, another
   * operation could not tell the groups of its subject apart.
   */
  #mayBeExecutedForMs(operation: CreateOperation): number {
    const { state, sent, isKeyed, addConfirmed, inconclusive, preparedAtMs } = operation;
    const maySend = sent || isKeyed === false;
    if (state !== 'UNRESOLVED' || !maySend || addConfirmed || !inconclusive) return 0;
    const { cams, http } = this.config;
    const sentByMs = operation.sentAtMs ?? preparedAtMs + http.requestBudgetMs;
    return sentByMs + longestWriteMs(cams) + LATE_MARGIN_MS - Date.now();
  }

  /** Keeps the subject of an operation locked until the operation has ended, even if its process dies. */
  async keepSubject(scope: TenantScope, { id, subject }: CreateOperation): Promise<void> {
    await this.#unlessOut(() => this.subjectLocks.secure(scope, subject, id));
  }

  async noLongerPending(id: string): Promise<void> {
    await this.#unlessOut(() => this.store.removeMember(PENDING, id));
  }

  /**
   * Claims a group for an operation. Returns `false` if it was claimed before. Throws `StateUnavailable` rather than keep the
   * claim in this process: an operation of another one could claim the same group.
   */
  async claim(scope: TenantScope, groupId: string, id: string): Promise<boolean> {
    const claim = { expected: undefined, version: id, value: '', lifeMs: DAY_MS, sharedOnly: true };
    return this.store.write(claimKey(scope, groupId), claim);
  }

  async giveUpClaim(scope: TenantScope, groupId: string, id: string): Promise<void> {
    await this.#unlessOut(() => this.store.remove(claimKey(scope, groupId), id));
  }

  /** Returns whether another operation has claimed this group. */
  async isClaimedByOther(scope: TenantScope, groupId: string, id: string): Promise<boolean> {
    const claim = await this.store.read(claimKey(scope, groupId));
    return claim !== undefined && claim.version !== id;
  }

  /** Changes the operation now, or later if the store is unavailable. */
  async #changeNowOrLater(
    tracked: TrackedOperation,
    next: CreateOperation,
    wasNeverSent = false,
  ): Promise<TrackedOperation | undefined> {
    const change = { tracked, next, wasNeverSent };
    try {
      return await this.#change(change);
    } catch (error) {
      if (!(error instanceof StateUnavailable)) throw error;
      this.#unstored.set(next.id, change);
      return undefined;
    }
  }

  /** If another process or an unconfirmed mark has changed the operation, only the knowledge that it was never sent refutes that. */
  async #change({ tracked, next, wasNeverSent }: Change): Promise<TrackedOperation | undefined> {
    const changed = await this.change(tracked, next);
    if (changed || !wasNeverSent) return changed;
    const theirs = await this.read(next.id);
    const isRefuted = theirs?.operation.state === 'PENDING' && !theirs.operation.row;
    return isRefuted ? this.change(theirs, next) : undefined;
  }

  /** Returns `undefined` if the store is unavailable: another lookup finds the operation unchanged and retries. */
  async #unlessOut<T>(step: () => Promise<T>): Promise<T | undefined> {
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof StateUnavailable)) throw error;
      this.#logger.warn({
        msg: 'could not read or update a create operation',
        reason: error.message,
      });
      return undefined;
    }
  }

  async #write(
    operation: CreateOperation,
    expected: string | undefined,
    options: Pick<StateWrite, 'share' | 'sharedOnly'> = {},
  ): Promise<TrackedOperation | undefined> {
    const version = randomToken(9);
    const { row, state, existing } = operation;
    const value = JSON.stringify({
      ...operation,
      ...(row && { row: withoutLongTexts(row) }),
      // Thousands, perhaps, and only a pending operation needs them.
      existing: state === 'PENDING' ? existing : [],
    });
    const write = { expected, version, value, lifeMs: DAY_MS, ...options };
    const written = await this.store.write(operationKey(operation.id), write);
    return written ? { operation, version } : undefined;
  }
}

/** Runs a step of a request that needs the operations. Throws `STATE_UNAVAILABLE`. */
export async function operationsAvailable<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof StateUnavailable)) throw error;
    const detail = 'The state store is unavailable; the operation could not be read.';
    throw new GatewayError('STATE_UNAVAILABLE', detail, { retryAfterSeconds: 1, cause: error });
  }
}

function endOf({ state, closed }: CreateOperation): 'succeeded' | 'closed' | 'unresolved' {
  if (state === 'SUCCEEDED') return 'succeeded';
  return closed ? 'closed' : 'unresolved';
}
