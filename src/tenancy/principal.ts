import type { Permission } from './permissions.js';
import type { Tenant } from './tenant.js';

/** An authenticated caller: the tenant, the granted permissions, and the accessible spaces of the tenant. */
export interface Principal {
  readonly tenant: Tenant;
  /** `key:<id>` of an API key, or `sub:<digest>` of a token; safe for logs. */
  readonly id: string;
  readonly permissions: ReadonlySet<Permission>;
  /** The tenant's spaces, restricted to those that the credentials may access. */
  readonly spaces: Tenant['spaces'];
}
