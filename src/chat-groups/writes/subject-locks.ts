import { Injectable } from '@nestjs/common';
import { digestOf } from '../../util/digest.js';
import { GatewayError } from '../../errors/gateway-error.js';
import { canonicalSubject } from '../../util/text.js';
import { Config } from '../../config/config.js';
import { type Holder, Locks } from '../../state/locks.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { randomToken } from '../../util/random-token.js';
import { MINUTE_MS } from '../../util/durations.js';

const LONGEST_RETRY_SECONDS = 15;
/** What a lock outlives the request by that took it. */
const MARGIN_MS = 5_000;
/** What the lock of an operation outlives its window by, so that whoever gives it up still has it. */
const WINDOW_MARGIN_MS = MINUTE_MS;

/**
 * One create at a time for a (scope, subject), on all replicas: a create is told from others by its subject alone. The
 * lock belongs to the operation until that is resolved, or given up; whoever resolves it releases the lock.
 */
@Injectable()
export class SubjectLocks {
  constructor(
    private readonly locks: Locks,
    private readonly config: Config,
  ) {}

  /** For a create, as long as its request lasts. Throws `CONFLICT`, naming the operation under way. */
  async acquire(scope: TenantScope, subject: string, operationId: string): Promise<void> {
    await this.#acquire(scope, subject, operationId, operationId);
  }

  /** For an update that sets a subject. Throws `CONFLICT`. */
  async acquireForUpdate(scope: TenantScope, subject: string): Promise<() => Promise<void>> {
    const token = randomToken();
    await this.#acquire(scope, subject, '', token);
    return () => this.locks.release(lockKey(scope, subject), token);
  }

  /** From now on until the operation is over, whether this process lives or not. Whether it still had the lock. */
  async keep(scope: TenantScope, subject: string, operationId: string): Promise<boolean> {
    const lifeMs = this.config.creates.operationWindowMs + WINDOW_MARGIN_MS;
    return this.locks.extend(lockKey(scope, subject), operationId, lifeMs);
  }

  async release(scope: TenantScope, subject: string, operationId: string): Promise<void> {
    await this.locks.release(lockKey(scope, subject), operationId);
  }

  async #acquire(scope: TenantScope, subject: string, owner: string, token: string): Promise<void> {
    const lifeMs = this.config.http.requestBudgetMs + MARGIN_MS;
    const taken = await this.locks.tryAcquire(lockKey(scope, subject), { owner, token, lifeMs });
    if ('holder' in taken) throw conflict(taken.holder);
  }
}

function conflict({ owner: operationId, sinceMs }: Holder): GatewayError {
  const detail =
    operationId === ''
      ? 'An update to the same subject is under way for this number.'
      : `A create with the same subject is under way for this number: operation ${operationId}.`;
  return new GatewayError('CONFLICT', detail, {
    // The longer it has lasted, the longer it will.
    retryAfterSeconds: Math.min(LONGEST_RETRY_SECONDS, sinceMs / 1000),
    ...(operationId !== '' && { operationId }),
  });
}

function lockKey(scope: TenantScope, subject: string): string {
  return `cgs:s:${digestOf([scope.key, canonicalSubject(subject)])}`;
}
