import { expect, it } from '@jest/globals';
import { RequestContext } from '../../request/request-context.js';
import { Account } from '../../tenancy/account.js';
import { PERMISSIONS, type Permission } from '../../tenancy/permissions.js';
import { type TenantScope, authorizeScope } from '../../tenancy/tenant-scope.js';
import { toChatGroup, viewKey } from './chat-group.js';

const ROW = {
  groupId: 'g1',
  subject: 'Kyoto',
  description: 'In May',
  status: 'ACTIVE',
  rawStatus: 'ACTIVE',
  inviteLink: 'https://chat.whatsapp.com/abc',
  profilePictureUrl: 'https://pictures.example.com/a.jpg',
  participantCount: 3,
  groupType: 'GROUP',
  groupLink: 'https://t.me/abc',
  businessRole: 'ADMIN',
} as const;

function scopeWith(permissions: ReadonlySet<Permission>): TenantScope {
  const account = new Account('default', { kind: 'static', accessKeyId: 'id', accessKeySecret: 'secret' });
  const spaces = new Map([['cams-acme', null]]);
  const limits = {
    requestsPerMinute: 1,
    upstreamWeight: 1,
    deletesPerHour: 1,
    stateRecords: 1,
    concurrentRequests: 1,
  };
  const tenant = { id: 'acme', name: 'Acme', account, spaces, limits };
  const target = { custSpaceId: 'cams-acme', businessNumber: '8613800000001' };
  const principal = { tenant, id: 'key:test', permissions, spaces };
  return authorizeScope(principal, target, 'groups:read', new RequestContext('test', 1_000));
}

/** Every set of permissions that allows reading groups. */
const SETS = PERMISSIONS.filter((permission) => permission !== 'groups:read').reduce<Permission[][]>(
  (sets, permission) => [...sets, ...sets.map((set) => [...set, permission])],
  [['groups:read']],
);

it('shows the same group to all callers with the same view key', () => {
  expect(SETS).toHaveLength(2 ** (PERMISSIONS.length - 1));
  const scopes = SETS.map((permissions) => scopeWith(new Set(permissions)));
  const seen = Map.groupBy(scopes, viewKey);
  for (const same of seen.values()) {
    const groups = new Set(same.map((scope) => JSON.stringify(toChatGroup(scope, ROW))));
    expect(groups.size).toBe(1);
  }
  expect(seen.size).toBeGreaterThan(1);
});

it.each(['inviteLink', 'groupLink'] as const)('shows %s only to callers with groups:invite', (link) => {
  const linkFor = (...permissions: Permission[]): string | null =>
    toChatGroup(scopeWith(new Set<Permission>(['groups:read', ...permissions])), ROW)[link];
  expect(linkFor('groups:invite')).toBe(ROW[link]);
  expect(linkFor('groups:write', 'participants:read')).toBeNull();
});
