import { Injectable } from '@nestjs/common';
import { GatewayError } from '../common/errors.js';
import { canonicalSubject } from '../common/text.js';
import type { TenantScope } from '../tenancy/tenant-scope.js';

/**
 * One create at a time for a (scope, subject): a create is told from others by its subject alone. The lock belongs
 * to the operation until that is resolved, or given up. It lives in this process.
 */
@Injectable()
export class SubjectLocks {
  readonly #owners = new Map<string, string>();

  /** Throws `CONFLICT`, naming the operation under way. `owner` is an operation id, or empty for an update. */
  acquire(scope: TenantScope, subject: string, owner: string): void {
    const key = lockKey(scope, subject);
    const holder = this.#owners.get(key);
    if (holder === undefined) {
      this.#owners.set(key, owner);
      return;
    }
    const detail =
      holder === ''
        ? 'An update to the same subject is under way for this number.'
        : `A create with the same subject is under way for this number: operation ${holder}.`;
    throw new GatewayError('CONFLICT', detail, {
      retryAfterSeconds: 1,
      ...(holder !== '' && { operationId: holder }),
    });
  }

  release(scope: TenantScope, subject: string, owner: string): void {
    const key = lockKey(scope, subject);
    if (this.#owners.get(key) === owner) this.#owners.delete(key);
  }
}

function lockKey(scope: TenantScope, subject: string): string {
  return `${scope.key}${canonicalSubject(subject)}`;
}
