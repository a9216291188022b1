import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { digestOf } from '../../util/digest.js';
import { GatewayError } from '../../errors/gateway-error.js';
import { beforeSending } from '../../idempotency/idempotency-errors.js';
import { KeyedMutex } from '../../util/keyed-mutex.js';
import type { RequestContext } from '../../request/request-context.js';
import { type Lock, Locks } from '../../state/locks.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';

const FIRST_WAIT_MS = 20;
const WAIT_GROWTH = 1.5;
const LONGEST_WAIT_MS = 300;
/** How long a lock outlives its holder; while the holder lives, it renews the lock. */
const LIFE_MS = 5_000;

/** Serializes the writes to a group across all replicas; within this process, in order of arrival. */
@Injectable()
export class GroupLock {
  readonly #inProcess = new KeyedMutex();

  constructor(private readonly locks: Locks) {}

  /** Throws `OVERLOADED` or `STATE_UNAVAILABLE`, without running `next`, if it cannot acquire the lock in time. */
  async execute<W extends { readonly scope: TenantScope; readonly groupId: string }, T>(
    write: W,
    next: (write: W & { readonly lock: Lock }) => Promise<T>,
  ): Promise<T> {
    const { scope, groupId } = write;
    const key = `cgs:g:${digestOf([scope.key, groupId])}`;
    return this.#inProcess.run(key, scope.request.remainingMs, busy, async () => {
      const lock = await this.#acquire(key, scope.request);
      lock.keepAlive();
      try {
        return await next({ ...write, lock });
      } finally {
        await lock.release();
      }
    });
  }

  async #acquire(key: string, request: RequestContext): Promise<Lock> {
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * WAIT_GROWTH, LONGEST_WAIT_MS)) {
      const { requestId: owner, isKeyed: sharedOnly } = request;
      const taken = await beforeSending(this.locks.tryAcquire(key, { owner, lifeMs: LIFE_MS, sharedOnly }));
      if ('lock' in taken) return taken.lock;
      if (request.remainingMs <= waitMs) throw busy();
      // Jitter, so that waiting requests do not retry at the same time.
      await sleep(waitMs * (0.5 + Math.random() / 2));
    }
  }
}

function busy(): GatewayError {
  const detail = 'Other writes to the same group are in progress. Nothing was sent.';
  return new GatewayError('OVERLOADED', detail, { retryAfterSeconds: 1 });
}
