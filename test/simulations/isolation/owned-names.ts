import type { SandboxControl } from '../../support/sandbox-control.js';
import type { Random } from '../coherence/random.js';
import { KnownValues } from '../fuzz/requests/known-values.js';
import type { RunTenant } from '../tenants.js';
import type { Names } from './open-request.js';
import { GROUPS, membersOf, NOBODY, TENANTS, UNKNOWN_GROUP } from './settings.js';

/** Long enough to be unique, and with a digit: names of fields have none. */
const TOKEN = /[\w-]{16,}/g;
const FIELD_NAME = /"\w+":/g;

/** Knows which name belongs to which tenant. */
export class OwnedNames {
  readonly #known = new KnownValues(TENANTS);
  readonly #groups = new Map<RunTenant, { readonly businessNumber: string; readonly groupId: string }[]>();
  readonly #owners = new Map<string, RunTenant>();
  #keys = 0;

  /** Creates missing groups, with a canary in every field, and learns the names of all. */
  async refill(sandbox: SandboxControl, tenant: RunTenant): Promise<void> {
    const { custSpaceId } = tenant;
    const known = [];
    for (const businessNumber of tenant.businessNumbers) {
      const scope = { custSpaceId, businessNumber };
      const missing = GROUPS - (await sandbox.groups(scope)).length;
      for (let index = 0; index < missing; index += 1) {
        const { groupId } = await sandbox.changeGroup({
          op: 'create',
          ...scope,
          subject: markOf(tenant, 'subject'),
          description: markOf(tenant, 'description'),
          profilePictureFile: `https://pictures.example.com/${markOf(tenant, 'picture').replace(' ', '-')}.jpg`,
          participants: membersOf(tenant),
          inviteLink: true,
        });
        await sandbox.changeGroup({
          op: 'update',
          groupId,
          groupLink: `https://t.me/${markOf(tenant, 'link').replace(' ', '-')}`,
          groupType: markOf(tenant, 'type'),
          businessRole: markOf(tenant, 'role'),
        });
      }
      for (const { groupId, inviteLink } of await sandbox.groups(scope)) {
        known.push({ businessNumber, groupId });
        this.#owners.set(groupId, tenant);
        for (const token of inviteLink?.match(TOKEN) ?? []) this.#owners.set(token, tenant);
      }
    }
    this.#groups.set(tenant, known);
  }

  /** Names of the tenant, as far as they are known. */
  of(tenant: RunTenant, random: Random): Names {
    const { businessNumber, groupId } = random.pick(this.#groups.get(tenant) ?? []);
    const { values } = this.#known.of(tenant);
    const picked = (kind: 'operationId' | 'cursor' | 'etag', otherwise: string): string => {
      const known = values.get(kind) ?? [];
      return known.length === 0 ? otherwise : random.pick(known);
    };
    return {
      custSpaceId: tenant.custSpaceId,
      businessNumber,
      groupId,
      operationId: picked('operationId', `op_${'B'.repeat(22)}`),
      cursor: picked('cursor', 'none'),
      etag: picked('etag', '"none"'),
      idempotencyKey: this.newKey(),
    };
  }

  /** Names that nobody has. */
  unknown(): Names {
    return {
      custSpaceId: NOBODY.custSpaceId,
      businessNumber: NOBODY.businessNumbers[0],
      groupId: UNKNOWN_GROUP,
      operationId: `op_${'A'.repeat(22)}`,
      cursor: 'bm8gY3Vyc29y',
      etag: '"bm8gZW50aXR5IHRhZw"',
      idempotencyKey: this.newKey(),
    };
  }

  newKey(): string {
    this.#keys += 1;
    return `key-${this.#keys}`;
  }

  /** Learns what the tenant sees of its own. Texts of the request may be anybody's. */
  learn(tenant: RunTenant, etag: string | undefined, body: string, request: string): void {
    this.#known.learn(tenant, etag, body);
    for (const [token] of body.replaceAll(FIELD_NAME, '').matchAll(TOKEN))
      if (/\d/.test(token) && new Set(token).size > 5 && !request.includes(token) && !this.#owners.has(token))
        this.#owners.set(token, tenant);
  }

  /** Returns a name of another tenant in the text. */
  foreignIn(tenant: RunTenant, text: string): string | undefined {
    for (const other of TENANTS)
      if (other !== tenant) {
        const mark = [
          `Canary-${other.id}`,
          other.id,
          other.custSpaceId,
          ...other.businessNumbers,
          ...membersOf(other),
        ].find((one) => text.includes(one));
        if (mark !== undefined) return mark;
      }
    for (const [token] of text.matchAll(TOKEN)) {
      const owner = this.#owners.get(token);
      if (owner !== undefined && owner !== tenant) return `${token} of ${owner.id}`;
    }
    return undefined;
  }

  /** Whether the tenant's own names include this group. */
  owns(tenant: RunTenant, groupId: string): boolean {
    return this.#owners.get(groupId) === tenant;
  }
}

export function markOf({ id }: RunTenant, what: string): string {
  return `Canary-${id} ${what}`;
}
