import { Inject, Injectable, Logger } from '@nestjs/common';
import type { CoherenceLevel } from '../../cache/write-intent.js';
import type { CamsGroupRow } from '../../cams/api.js';
import { GatewayError } from '../../errors/gateway-error.js';
import type { StoredError } from '../../errors/stored-error.js';
import type { StateShare } from '../../state/state-share.js';
import {
  LENIENT_STATE_STORE,
  type StateStore,
  StateUnavailable,
  type StateWrite,
} from '../../state/state-store.js';
import { Metrics } from '../../telemetry/metrics.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { withoutLongTexts } from '../writes/long-texts.js';
import { SubjectLocks, claimKey } from '../writes/subject-locks.js';
import type { Written } from '../writes/write.js';
import { randomToken } from '../../util/random-token.js';
import { DAY_MS } from '../../util/durations.js';
import { OperationIndex } from './operation-index.js';
import { parseJsonOrThrow } from '../../util/parse-json.js';

export type OperationState = 'SUCCEEDED' | 'PENDING' | 'UNRESOLVED';

/** A create operation, from before its add call is sent until its group is found or given up. JSON-serializable. */
export interface CreateOperation {
  readonly id: string;
  /** The process that created the operation; only its own clock is comparable with the timestamps. */
  readonly madeBy: string;
  readonly tenantId: string;
  readonly custSpaceId: string;
  readonly businessNumber: string;
  readonly subject: string;
  readonly withInviteLink: boolean;
  /** Groups with this subject that existed before the add call. */
  readonly existing: readonly string[];
  /** When {@link existing} had been listed, epoch ms. The add call is sent later, once it has a permit. */
  readonly preparedAtMs: number;
  /** Whether the add call may have been sent. */
  readonly sent: boolean;
  /** Whether CAMS confirmed the add call; otherwise only a new group can show that it was executed. */
  readonly addConfirmed: boolean;
  /** What CAMS returned instead of a group ID. */
  readonly uniqueCode?: string | undefined;
  readonly state: OperationState;
  /** How many times the gateway has looked for the group. Missing in operations of earlier versions. */
  readonly attempts?: number;
  /** Whether the last lookup does not show whether there is a group: it failed, or there are several candidates. */
  readonly inconclusive?: boolean;
  /** Whether the operation ended without its add call being sent. */
  readonly dropped?: boolean;
  readonly detail?: string;
  /** The created group, as last seen. */
  readonly row?: CamsGroupRow;
  /** What finding the group and creating its link guarantees to later reads. */
  readonly coherence: CoherenceLevel;
  /** Why the requested link could not be created, and when that was attempted, epoch ms. */
  readonly inviteLinkError?: StoredError;
  readonly inviteLinkTriedAtMs?: number;
}

/** An operation as last read or written. */
export interface TrackedOperation {
  readonly operation: CreateOperation;
  readonly version: string;
}

/** A change that could not be stored yet. */
interface Change {
  readonly tracked: TrackedOperation;
  readonly next: CreateOperation;
  readonly isCertain: boolean;
}

/** Outcome of a create request. The group is missing while the operation is pending. */
export interface CreatedGroup extends Written {
  readonly operation: CreateOperation;
}

const PENDING = 'cgs:pending';

/** Identifies this process among the replicas. */
export const PROCESS_ID = randomToken(9);

/** The create operations of the last 24 h, of all replicas. */
@Injectable()
export class CreateOperationStore {
  /** Changes that could not be stored yet. */
  readonly #pending = new Map<string, Change>();
  readonly #logger = new Logger(CreateOperationStore.name);

  constructor(
    @Inject(LENIENT_STATE_STORE) private readonly store: StateStore,
    private readonly index: OperationIndex,
    private readonly subjectLocks: SubjectLocks,
    private readonly metrics: Metrics,
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
    const added = await this.#write(operation, undefined, options);
    if (!added) throw new Error('An operation with this id already exists.');
    await this.store.addMember(PENDING, operation.id, options);
    // Last: an operation that nobody would end must not be listed.
    await this.index.add(operation);
    return added;
  }

  /** Replaces the operation with `next`. Returns `undefined` if another process has changed it since it was read. */
  async change(tracked: TrackedOperation, next: CreateOperation): Promise<TrackedOperation | undefined> {
    const { operation: before, version } = tracked;
    const changed = await this.#write(next, version);
    // A dropped one was not sent.
    if (changed && before.state === 'PENDING' && next.state !== 'PENDING' && next.dropped !== true)
      this.metrics.createsEnded.inc({ state: next.state === 'SUCCEEDED' ? 'succeeded' : 'unresolved' });
    return changed;
  }

  /** Like {@link change}, but also returns `undefined` if the store is unavailable. */
  async tryChange(tracked: TrackedOperation, next: CreateOperation): Promise<TrackedOperation | undefined> {
    return this.#unlessOut(() => this.change(tracked, next));
  }

  /** Like {@link change}, for facts that hold even if they cannot be stored. Returns the operation as it is now. */
  async note(tracked: TrackedOperation, next: CreateOperation): Promise<TrackedOperation> {
    return (await this.#changeNowOrLater(tracked, next)) ?? { ...tracked, operation: next };
  }

  /** Stores changes that could not be stored before. */
  async flushPending(): Promise<void> {
    for (const [id, { tracked, next, isCertain }] of this.#pending) {
      // If both return `undefined`, another process has continued the operation.
      if (!(await this.change(tracked, next))) await this.#overrule(next, isCertain);
      this.#pending.delete(id);
    }
  }

  /**
   * Ends an operation whose add call was not sent, as far as this process knows. Clients that know the operation can
   * still read it. Returns `false` if another process has continued it. Call {@link end} afterwards. `isCertain`: this is
   * the request that would have sent it.
   */
  async drop(tracked: TrackedOperation, isCertain = false): Promise<boolean> {
    const detail = 'As far as the gateway knows, the create request was not sent.';
    const { operation } = tracked;
    const over = { ...operation, state: 'UNRESOLVED', dropped: true, detail } as const;
    const dropped = await this.#changeNowOrLater(tracked, over, isCertain);
    // The client was told that nothing was created, and refused requests must not displace operations to wait for.
    await this.#unlessOut(() => this.index.remove(operation));
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
   * not stored yet, or the store fails, it remains among them, so that the next lookup by any process tries again.
   */
  async end(scope: TenantScope, { id, subject }: CreateOperation): Promise<void> {
    if (this.#pending.has(id)) return;
    if (await this.subjectLocks.release(scope, subject, id)) await this.noLongerPending(id);
  }

  async noLongerPending(id: string): Promise<void> {
    await this.#unlessOut(() => this.store.removeMember(PENDING, id));
  }

  /** Claims a group for an operation. Returns `false` if it was claimed before. */
  async claim(scope: TenantScope, groupId: string, id: string): Promise<boolean> {
    const key = claimKey(scope, groupId);
    return this.store.write(key, { expected: undefined, version: id, value: '', lifeMs: DAY_MS });
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
    isCertain = false,
  ): Promise<TrackedOperation | undefined> {
    try {
      return (await this.change(tracked, next)) ?? (await this.#overrule(next, isCertain));
    } catch (error) {
      if (!(error instanceof StateUnavailable)) throw error;
      this.#pending.set(next.id, { tracked, next, isCertain });
      return undefined;
    }
  }

  /**
   * Changes an operation of this process that was changed meanwhile, by another one or by a change that was not confirmed,
   * if what this process knows refutes what is stored: nobody else knows for certain whether the add call was sent.
   */
  async #overrule(next: CreateOperation, isCertain: boolean): Promise<TrackedOperation | undefined> {
    const theirs = next.madeBy === PROCESS_ID ? await this.read(next.id) : undefined;
    if (!theirs) return undefined;
    const { state, row, dropped } = theirs.operation;
    const isRefuted = next.dropped ? isCertain && state === 'PENDING' && !row : dropped;
    if (!isRefuted) return undefined;
    // Whoever dropped it has ended it.
    if (!next.dropped) await this.store.addMember(PENDING, next.id);
    return this.change(theirs, next);
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
    const { row } = operation;
    const value = JSON.stringify(row ? { ...operation, row: withoutLongTexts(row) } : operation);
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

export function newOperationId(): string {
  return `op_${randomToken(16)}`;
}

/** Returns the group that an operation created, once the operation has succeeded. */
export function madeGroup({ state, row }: CreateOperation): CamsGroupRow | undefined {
  return state === 'SUCCEEDED' ? row : undefined;
}

function operationKey(id: string): string {
  return `cgs:o:${id}`;
}
