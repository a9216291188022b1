import type { Permission } from './permissions.js';
import type { Tenant } from './tenant.js';

/** Who calls: the tenant, what these credentials allow, and which of the tenant's spaces they reach. */
export interface Principal {
  readonly tenant: Tenant;
  /** `key:<id>` of an API key, or `sub:<digest>` of a token; safe for logs. */
  readonly id: string;
  readonly permissions: ReadonlySet<Permission>;
  /** The tenant's spaces after the credentials have narrowed them. */
  readonly spaces: Tenant['spaces'];
}
