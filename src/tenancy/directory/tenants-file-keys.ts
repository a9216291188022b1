import { API_KEY_ID } from '../auth/api-keys.js';
import type { YamlReader } from './yaml-reader.js';
import { parseRfc3339 } from './rfc3339.js';
import { standaloneConcat } from '../../util/standalone-buffer.js';
import { isPermission, PERMISSIONS, type Permission } from '../permissions.js';

const MAX_KEYS = 1_000;

export interface KeyEntry {
  readonly id: string;
  readonly digest: Buffer;
  readonly permissions: ReadonlySet<Permission>;
  readonly expiresAtMs: number | null;
}

/** Reads the API keys of each tenant and detects duplicate ids and digests across tenants. */
export class KeyIds {
  readonly #ids = new Map<string, YamlReader>();
  readonly #digests = new Map<string, YamlReader>();

  constructor(private readonly refusedDigests: ReadonlySet<string>) {}

  read(list: YamlReader): KeyEntry[] {
    if (list.absent) return [];
    return list.items(MAX_KEYS).flatMap((item) => {
      const field = item.fields(['id', 'digest', 'permissions', 'expiresAt']);
      if (field === null) return [];
      return {
        id: this.#id(field('id')),
        // Without the memory that Node allocates for many small buffers at a time.
        digest: standaloneConcat([Buffer.from(this.#digest(field('digest')), 'hex')]),
        permissions: readPermissions(field('permissions')),
        expiresAtMs: field('expiresAt').absent ? null : readInstant(field('expiresAt')),
      };
    });
  }

  #id(at: YamlReader): string {
    const id = at.text(API_KEY_ID, 'an id of up to 64 letters, digits, "_" or "-"');
    const earlier = this.#ids.get(id);
    if (earlier) at.fault('is already used by an earlier key', earlier);
    else if (id !== '') this.#ids.set(id, at);
    return id;
  }

  #digest(at: YamlReader): string {
    const digest = at.text(/^[0-9a-f]{64}$/, 'the 64 lower-case hex digits that `npm run keys` prints');
    const earlier = this.#digests.get(digest);
    if (earlier) at.fault('is already used by an earlier key', earlier);
    if (this.refusedDigests.has(digest)) at.fault('belongs to a demo key, which only works with the sandbox');
    if (digest !== '' && !earlier) this.#digests.set(digest, at);
    return digest;
  }
}

/** Keys with the same permissions share them: there may be many keys, but few choices. */
const shared = new Map<string, ReadonlySet<Permission>>();

function readPermissions(list: YamlReader): ReadonlySet<Permission> {
  const permissions = new Set<Permission>();
  if (Array.isArray(list.value) && list.value.length === 0) list.fault('must not be empty');
  for (const item of list.items(100)) {
    if (typeof item.value === 'string' && isPermission(item.value)) permissions.add(item.value);
    else item.fault(`must be one of ${PERMISSIONS.join(', ')}`);
  }
  const choice = PERMISSIONS.filter((one) => permissions.has(one)).join(' ');
  const known = shared.get(choice) ?? permissions;
  shared.set(choice, known);
  return known;
}

function readInstant(at: YamlReader): number | null {
  const instant = typeof at.value === 'string' ? parseRfc3339(at.value) : null;
  if (instant === null) at.fault('must be a date with time and zone, such as 2027-01-01T00:00:00Z');
  return instant;
}
