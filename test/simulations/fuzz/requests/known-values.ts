import { encodeChatGroupId } from '../../../../src/chat-groups/model/chat-group-id.js';
import type { Random } from '../../coherence/random.js';
import type { RunTenant } from '../../tenants.js';

const KEPT = 60;
/** What later requests can reuse, as it stands in responses. */
const LEARNT: readonly (readonly [kind: Kind, pattern: RegExp])[] = [
  ['etag', /"etag":("(?:\\"|[^"])*")/g],
  ['cursor', /"(?:start|end)?[cC]ursor":("[^"]+")/g],
  ['operationId', /"(op_[\w-]+)"/g],
  ['groupId', /"groupId":("[^"]+")/g],
  ['nodeId', /"id":("ZzEA[\w-]*")/g],
];

export type Kind = 'groupId' | 'nodeId' | 'operationId' | 'cursor' | 'etag' | 'idempotencyKey' | 'subject';

/** A tenant and the values that its requests can use. */
export interface TenantValues {
  readonly tenant: RunTenant;
  readonly values: Map<Kind, string[]>;
}

/** Values of each tenant, so that requests are mostly meaningful. The responses to earlier requests add to them. */
export class KnownValues {
  readonly #tenants: readonly TenantValues[];

  constructor(tenants: readonly RunTenant[]) {
    this.#tenants = tenants.map((tenant) => ({ tenant, values: new Map<Kind, string[]>() }));
  }

  any(random: Random): TenantValues {
    return random.pick(this.#tenants);
  }

  of(tenant: RunTenant): TenantValues {
    const found = this.#tenants.find((one) => one.tenant === tenant);
    if (!found) throw new Error(`Not a tenant of this run: ${tenant.id}.`);
    return found;
  }

  /** Sets the groups that exist. */
  setGroups(tenant: RunTenant, businessNumber: string, groupIds: readonly string[]): void {
    const { custSpaceId } = tenant;
    for (const groupId of groupIds) {
      this.add(tenant, 'groupId', groupId);
      this.add(tenant, 'nodeId', encodeChatGroupId({ custSpaceId, businessNumber, groupId }));
    }
  }

  add(tenant: RunTenant, kind: Kind, value: string): void {
    const { values } = this.of(tenant);
    const known = values.get(kind) ?? [];
    if (known.length === 0) values.set(kind, known);
    if (known.includes(value)) return;
    known.push(value);
    if (known.length > KEPT) known.shift();
  }

  /** Takes values from a response to the tenant. */
  learn(tenant: RunTenant, etag: string | undefined, text: string): void {
    if (etag !== undefined) this.add(tenant, 'etag', etag);
    for (const [kind, pattern] of LEARNT)
      for (const [, value = ''] of text.matchAll(pattern))
        this.add(tenant, kind, value.startsWith('"') ? (JSON.parse(value) as string) : value);
  }
}
