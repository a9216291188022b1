import { Injectable } from '@nestjs/common';
import { GatewayError } from '../common/errors.js';
import { canonicalSubject } from '../common/text.js';
import type { TenantScope } from '../tenancy/tenant-scope.js';

const LONGEST_RETRY_SECONDS = 15;

/**
 * One create at a time for a (scope, subject): a create is told from others by its subject alone. The lock belongs
 * to the operation until that is resolved, or given up. It lives in this process.
 */
@Injectable()
export class SubjectLocks {
  readonly #owners = new Map<string, { readonly owner: string; readonly sinceMs: number }>();

  /** Throws `CONFLICT`, naming the operation under way. `owner` is an operation id, or empty for an update. */
  acquire(scope: TenantScope, subject: string, owner: string): void {
    const key = lockKey(scope, subject);
    const holder = this.#owners.get(key);
    if (holder === undefined) {
      this.#owners.set(key, { owner, sinceMs: performance.now() });
      return;
    }
    const { owner: operationId, sinceMs } = holder;
    const detail =
      operationId === ''
        ? 'An update to the same subject is under way for this number.'
        : `A create with the same subject is under way for this number: operation ${operationId}.`;
    throw new GatewayError('CONFLICT', detail, {
      // The longer it has lasted, the longer it will.
      retryAfterSeconds: Math.min(LONGEST_RETRY_SECONDS, (performance.now() - sinceMs) / 1000),
      ...(operationId !== '' && { operationId }),
    });
  }

  release(scope: TenantScope, subject: string, owner: string): void {
    const key = lockKey(scope, subject);
    if (this.#owners.get(key)?.owner === owner) this.#owners.delete(key);
  }
}

function lockKey(scope: TenantScope, subject: string): string {
  return `${scope.key}${canonicalSubject(subject)}`;
}
