import { Inject, Injectable, Logger } from '@nestjs/common';
import type { CoherenceLevel } from '../../cache/write-intent.js';
import type { CamsGroupRow } from '../../cams/api.js';
import { digestOf } from '../../util/digest.js';
import { GatewayError } from '../../errors/gateway-error.js';
import type { StoredError } from '../../errors/stored-error.js';
import { LENIENT_STATE_STORE, type StateStore, StateUnavailable } from '../../state/state-store.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import type { Written } from '../writes/write.js';
import { randomToken } from '../../util/random-token.js';
import { DAY_MS } from '../../util/durations.js';

export type OperationState = 'SUCCEEDED' | 'PENDING' | 'UNRESOLVED';

/** A create, from before its add is sent until its group is found, or given up. It survives JSON. */
export interface CreateOperation {
  readonly id: string;
  /** The process that made it: only its own clock can be compared with what it has seen. */
  readonly madeBy: string;
  readonly tenantId: string;
  readonly custSpaceId: string;
  readonly businessNumber: string;
  readonly subject: string;
  readonly withInviteLink: boolean;
  /** Groups of this subject that existed before the add. */
  readonly existing: readonly string[];
  /** When {@link existing} had been listed, epoch ms; the add is sent later, once it has a permit. */
  readonly preparedAtMs: number;
  /** Whether the add may have been sent. */
  readonly sent: boolean;
  /** Whether CAMS confirmed the add; otherwise only a new group can tell. */
  readonly addConfirmed: boolean;
  readonly state: OperationState;
  /** Whether it ended without its add being sent. */
  readonly dropped?: boolean;
  readonly detail?: string;
  /** The group that was made, as it was last seen. */
  readonly row?: CamsGroupRow;
  /** What finding the group, and making its link, may promise to later reads. */
  readonly coherence: CoherenceLevel;
  /** Why the link that was asked for could not be made, and when it was tried, epoch ms. */
  readonly inviteLinkError?: StoredError;
  readonly inviteLinkTriedAtMs?: number;
}

/** An operation as it was read, or written last. */
export interface TrackedOperation {
  readonly operation: CreateOperation;
  readonly version: string;
}

/** What a create has come to; its group is missing while the operation is pending. */
export interface CreatedGroup extends Written {
  readonly operation: CreateOperation;
}

const PENDING = 'cgs:pending';

/** Names this process among the replicas. */
export const PROCESS_ID = randomToken(9);

/** The creates of the last 24 h, of all replicas. */
@Injectable()
export class CreateOperationStore {
  /** What is known here and not to the store. */
  readonly #pending = new Map<string, TrackedOperation>();
  readonly #logger = new Logger(CreateOperationStore.name);

  constructor(@Inject(LENIENT_STATE_STORE) private readonly store: StateStore) {}

  /** Throws `StateUnavailable`, as all that follow. */
  async read(id: string): Promise<TrackedOperation | undefined> {
    const entry = await this.store.read(operationKey(id));
    return entry && { operation: JSON.parse(entry.value) as CreateOperation, version: entry.version };
  }

  /** As {@link read}, for who can do without. */
  async readIfThere(id: string): Promise<TrackedOperation | undefined> {
    return this.#unlessOut(() => this.read(id));
  }

  /** As it is now. Throws `STATE_UNAVAILABLE`. */
  async find(id: string): Promise<CreateOperation | undefined> {
    try {
      return (await this.read(id))?.operation;
    } catch (error) {
      if (!(error instanceof StateUnavailable)) throw error;
      const detail = 'Operations cannot be read now.';
      throw new GatewayError('STATE_UNAVAILABLE', detail, { retryAfterSeconds: 1, cause: error });
    }
  }

  /** Keeps a new operation, to be looked for by whoever is there. */
  async add(operation: CreateOperation): Promise<TrackedOperation> {
    const added = await this.#write(operation, undefined);
    if (!added) throw new Error('An operation has the id of another.');
    await this.store.addMember(PENDING, operation.id);
    return added;
  }

  /** Keeps `next` in place of what was read; `undefined` when somebody else has changed it meanwhile. */
  async change({ version }: TrackedOperation, next: CreateOperation): Promise<TrackedOperation | undefined> {
    return this.#write(next, version);
  }

  /** As {@link change}; `undefined` also when the store is out of reach. */
  async tryChange(tracked: TrackedOperation, next: CreateOperation): Promise<TrackedOperation | undefined> {
    return this.#unlessOut(() => this.change(tracked, next));
  }

  /** As {@link change}, for what has happened whether it can be kept or not. The operation as it is now. */
  async note(tracked: TrackedOperation, next: CreateOperation): Promise<TrackedOperation> {
    return (await this.#changeNowOrLater(tracked, next)) ?? { ...tracked, operation: next };
  }

  /** Tells the store what it could not be told before. */
  async flushPending(): Promise<void> {
    for (const [id, noted] of this.#pending) {
      // Refused: somebody has gone on with it.
      await this.change(noted, noted.operation);
      this.#pending.delete(id);
    }
  }

  /**
   * Ends an operation whose add was not sent, as far as is known here; whoever has been told of it can read that. Whether
   * nobody else has gone on with it.
   */
  async drop(tracked: TrackedOperation): Promise<boolean> {
    const detail = 'The create was not sent, as far as is known.';
    const { operation } = tracked;
    const over = { ...operation, state: 'UNRESOLVED', dropped: true, detail } as const;
    const dropped = await this.#changeNowOrLater(tracked, over);
    if (dropped) await this.noLongerPending(operation.id);
    return dropped !== undefined;
  }

  /** Ids of operations that may be pending. */
  async pending(): Promise<readonly string[]> {
    return this.store.members(PENDING);
  }

  async noLongerPending(id: string): Promise<void> {
    await this.#unlessOut(() => this.store.removeMember(PENDING, id));
  }

  /** Whether the group is this operation's now; `false` when another one claimed it before. */
  async claim(scope: TenantScope, groupId: string, id: string): Promise<boolean> {
    const key = claimKey(scope, groupId);
    return this.store.write(key, { expected: undefined, version: id, value: '', lifeMs: DAY_MS });
  }

  async giveUpClaim(scope: TenantScope, groupId: string, id: string): Promise<void> {
    await this.#unlessOut(() => this.store.remove(claimKey(scope, groupId), id));
  }

  /** Whether another operation has found this group. */
  async isClaimedByOther(scope: TenantScope, groupId: string, id: string): Promise<boolean> {
    const claim = await this.store.read(claimKey(scope, groupId));
    return claim !== undefined && claim.version !== id;
  }

  /** What the store cannot be told now, it is told later. */
  async #changeNowOrLater(
    tracked: TrackedOperation,
    next: CreateOperation,
  ): Promise<TrackedOperation | undefined> {
    try {
      return await this.change(tracked, next);
    } catch (error) {
      if (!(error instanceof StateUnavailable)) throw error;
      this.#pending.set(next.id, { ...tracked, operation: next });
      return undefined;
    }
  }

  /** Somebody will find the operation as it was, and look at it again. */
  async #unlessOut<T>(step: () => Promise<T>): Promise<T | undefined> {
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof StateUnavailable)) throw error;
      this.#logger.warn({
        msg: 'an operation could not be read or brought up to date',
        reason: error.message,
      });
      return undefined;
    }
  }

  async #write(
    operation: CreateOperation,
    expected: string | undefined,
  ): Promise<TrackedOperation | undefined> {
    const version = randomToken(9);
    const write = { expected, version, value: JSON.stringify(operation), lifeMs: DAY_MS };
    const written = await this.store.write(operationKey(operation.id), write);
    return written ? { operation, version } : undefined;
  }
}

export function newOperationId(): string {
  return `op_${randomToken(16)}`;
}

/** The group that an operation made, once it has ended. */
export function madeGroup({ state, row }: CreateOperation): CamsGroupRow | undefined {
  return state === 'SUCCEEDED' ? row : undefined;
}

function operationKey(id: string): string {
  return `cgs:o:${id}`;
}

function claimKey(scope: TenantScope, groupId: string): string {
  return `cgs:c:${digestOf([scope.key, groupId])}`;
}
