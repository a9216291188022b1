import type { TenantScope } from '../../tenancy/tenant-scope.js';

/** Protects groups that create operations are looking for from writes after which they would not be found. */
export abstract class CreateGuard {
  /**
   * Throws `CONFLICT`, naming the operation, while a create operation may still find that this group is its own: under another
   * subject, or deleted, it would not be found.
   */
  abstract requireNotSought(scope: TenantScope, groupId: string): Promise<void>;
}
