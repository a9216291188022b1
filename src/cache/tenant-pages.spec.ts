import { expect, it } from '@jest/globals';
import { principalOf } from '../../test/support/cams-callers.js';
import { pageKey } from './page-keys.js';
import { TenantPages } from './tenant-pages.js';

/** 64 KiB for each of the 600 requests per minute. */
const LIMIT = 600 * 64 * 1024;
const LIFE_MS = 600_000;

const own = (name: string, bytes: number) => ({
  key: pageKey('cg:{scope}:m', name, 'acme'),
  revision: `revision of ${name}`,
  bytes,
});

const found = (name: string): unknown => expect.objectContaining({ revision: `revision of ${name}` });

it('removes the oldest pages of a tenant that has too many bytes, and none of others', () => {
  const time = { now: 0 };
  const pages = new TenantPages(() => time.now);
  const [acme, globex] = [principalOf('acme').tenant, principalOf('globex').tenant];
  expect(pages.stored(acme, own('a', LIMIT / 2), LIFE_MS)).toEqual([]);
  expect(pages.stored(acme, own('b', LIMIT / 2), LIFE_MS)).toEqual([]);
  expect(pages.stored(globex, own('g', LIMIT), LIFE_MS)).toEqual([]);
  // A page that is stored again is counted once, and is the newest.
  expect(pages.stored(acme, own('a', LIMIT / 2), LIFE_MS)).toEqual([]);
  expect(pages.stored(acme, own('c', 1), LIFE_MS)).toEqual([found('b')]);
  expect(pages.stored(acme, own('d', LIMIT + 1), LIFE_MS)).toEqual([found('a'), found('c'), found('d')]);
});

it('does not count pages that have expired', () => {
  const time = { now: 0 };
  const pages = new TenantPages(() => time.now);
  const { tenant } = principalOf('acme');
  pages.stored(tenant, own('a', LIMIT), LIFE_MS);
  time.now = LIFE_MS;
  expect(pages.stored(tenant, own('b', LIMIT), LIFE_MS)).toEqual([]);
});

it('does not count pages of a tenant that was removed', () => {
  const pages = new TenantPages(() => 0);
  const { tenant } = principalOf('acme');
  pages.stored(tenant, own('a', LIMIT), LIFE_MS);
  pages.forget({ tenants: ['acme'], accounts: [], memberships: [] });
  expect(pages.stored(tenant, own('b', LIMIT), LIFE_MS)).toEqual([]);
});
