import type { TenantScope } from '../../tenancy/tenant-scope.js';

/** Groups of create operations. Writes that make a group hard to find ask before they are sent. */
export abstract class NewGroups {
  /**
   * Throws `CONFLICT`, naming the operation, while a create operation may still find that this group is its own: under another
   * subject, or deleted, it would not be found.
   */
  abstract requireNotSought(scope: TenantScope, groupId: string): Promise<void>;
}
