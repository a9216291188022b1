import { Inject, Injectable } from '@nestjs/common';
import { digestOf } from '../../util/digest.js';
import { GatewayError } from '../../errors/gateway-error.js';
import { parseJsonOrThrow } from '../../util/parse-json.js';
import { canonicalSubject } from '../../util/text.js';
import { Config } from '../../config/config.js';
import { type Holder, Locks } from '../../state/locks.js';
import { isShareUsedUp, shareOf } from '../../state/state-share.js';
import { LENIENT_STATE_STORE, type StateStore, StateUnavailable } from '../../state/state-store.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { randomToken } from '../../util/random-token.js';
import { DAY_MS, MINUTE_MS } from '../../util/durations.js';

const LONGEST_RETRY_SECONDS = 15;
/** How long a lock outlives the time budget of its request. */
const MARGIN_MS = 5_000;
/** How long an operation's lock outlives the operation's window, so that it is still held when the operation ends. */
const WINDOW_MARGIN_MS = MINUTE_MS;

/**
 * Allows one create operation at a time per (scope, subject), across all replicas, because a new group is identified by
 * its subject alone. The operation holds the lock until it is resolved or given up; the process that ends it releases
 * the lock. With an idempotency key, acquiring throws `StateUnavailable`; without, the lock is then kept in this process.
 */
@Injectable()
export class SubjectLocks {
  constructor(
    private readonly locks: Locks,
    @Inject(LENIENT_STATE_STORE) private readonly store: StateStore,
    private readonly config: Config,
  ) {}

  /** Acquires the lock for a create request while it lasts. Throws `CONFLICT`, naming the operation in progress. */
  async acquire(scope: TenantScope, subject: string, operationId: string): Promise<void> {
    await this.#acquire(scope, subject, operationId, operationId);
  }

  /** Acquires the lock for an update that sets a subject. Throws `CONFLICT`. */
  async acquireForUpdate(scope: TenantScope, subject: string): Promise<() => Promise<void>> {
    const token = randomToken();
    await this.#acquire(scope, subject, '', token);
    return async () => {
      await this.locks.release(lockKey(scope, subject), token);
    };
  }

  /** Returns the id of the tenant's operation that holds the lock, if any. Throws `StateUnavailable`. */
  async operationOf(scope: TenantScope, subject: string): Promise<string | undefined> {
    const lock = await this.store.read(lockKey(scope, subject));
    return lock && this.#ofTenant(scope, lock.value);
  }

  /**
   * Notes for a day, for all replicas, that a group is not new. WhatsApp may undo a delete or a new subject later: the group is
   * then listed again with its old subject, and must not be taken for one that is being created. Call it before the write.
   * Throws `RATE_LIMITED` if the tenant's share of the state store is used up, and `StateUnavailable`. Both only for writes with
   * an idempotency key: other writes must not depend on the store.
   */
  async noteExisting(scope: TenantScope, groupId: string): Promise<void> {
    const note = {
      expected: undefined,
      version: 'existing',
      value: '',
      lifeMs: DAY_MS,
      share: shareOf(scope.tenant),
      sharedOnly: scope.request.isKeyed,
    };
    const key = claimKey(scope, groupId);
    try {
      await this.store.write(key, note);
      // It may be there since an earlier write, or as the claim of the operation that created the group.
      // What is kept in this process is replaced by what the shared store has.
      for (let tries = 0; tries < 2; tries += 1) {
        const there = await this.store.read(key);
        if (!there || (await this.store.extend(key, there.version, DAY_MS))) return;
      }
    } catch (error) {
      if (scope.request.isKeyed || !(error instanceof StateUnavailable || isShareUsedUp(error))) throw error;
    }
  }

  /** Like {@link keep}, but also acquires the lock if nobody holds it. */
  async secure(scope: TenantScope, subject: string, operationId: string): Promise<void> {
    if (await this.keep(scope, subject, operationId)) return;
    const lifeMs = this.config.creates.longestWindowMs + WINDOW_MARGIN_MS;
    const request = { owner: operationId, token: operationId, lifeMs, sharedOnly: true };
    await this.locks.tryAcquire(lockKey(scope, subject), request);
  }

  /** Extends the lock until the operation ends, even if this process dies. Returns `false` if the lock was lost. */
  async keep(scope: TenantScope, subject: string, operationId: string): Promise<boolean> {
    const lifeMs = this.config.creates.longestWindowMs + WINDOW_MARGIN_MS;
    return this.locks.extend(lockKey(scope, subject), operationId, lifeMs);
  }

  /** Releases the lock `inMs` from now. Returns `false` if the store is unavailable: if it was {@link keep kept}, it stays for minutes. */
  async release(scope: TenantScope, subject: string, operationId: string, inMs = 0): Promise<boolean> {
    return this.locks.release(lockKey(scope, subject), operationId, inMs);
  }

  async #acquire(scope: TenantScope, subject: string, owner: string, token: string): Promise<void> {
    const lifeMs = this.config.http.requestBudgetMs + MARGIN_MS;
    const request = { owner, token, lifeMs, sharedOnly: scope.request.isKeyed };
    const taken = await this.locks.tryAcquire(lockKey(scope, subject), request);
    if ('holder' in taken) throw await this.#conflict(scope, taken.holder);
  }

  async #conflict(scope: TenantScope, { owner, sinceMs }: Holder): Promise<GatewayError> {
    const operationId = await this.#ofTenant(scope, owner).catch(unlessUnavailable);
    const detail =
      operationId === undefined
        ? 'Another group of this business number is being created with, or renamed to, the same subject.'
        : `Operation ${operationId} creates a group with the same subject for this business number, or was closed and may still create it. Before you try again, check whether you still want to write.`;
    return new GatewayError('CONFLICT', detail, {
      // Backoff grows with the age of the lock.
      retryAfterSeconds: Math.min(LONGEST_RETRY_SECONDS, sinceMs / 1000),
      ...(operationId !== undefined && { operationId }),
    });
  }

  /**
   * Returns the owner of a lock if it is an operation, and not that of another tenant: the number may have moved since, and its new
   * tenant must not learn the id.
   */
  async #ofTenant(scope: TenantScope, owner: string): Promise<string | undefined> {
    if (owner === '') return undefined;
    const entry = await this.store.read(operationKey(owner));
    // It is not stored before its request has listed the groups.
    const { tenantId } = entry
      ? (parseJsonOrThrow(entry.value) as { tenantId: string })
      : { tenantId: scope.tenant.id };
    return tenantId === scope.tenant.id ? owner : undefined;
  }
}

function unlessUnavailable(error: unknown): undefined {
  if (!(error instanceof StateUnavailable)) throw error;
}

/** Key of the record that says who a group belongs to: a create operation, or none if it existed before. */
export function claimKey(scope: TenantScope, groupId: string): string {
  return `cgs:c:${digestOf([scope.key, groupId])}`;
}

function lockKey(scope: TenantScope, subject: string): string {
  return `cgs:s:${digestOf([scope.key, canonicalSubject(subject)])}`;
}

export function operationKey(id: string): string {
  return `cgs:o:${id}`;
}
