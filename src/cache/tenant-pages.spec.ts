import { expect, it } from '@jest/globals';
import { principalOf } from '../../test/support/cams-callers.js';
import { pageKey } from './page-keys.js';
import type { PageKey } from './stores/page-store.js';
import { TenantPages } from './tenant-pages.js';

/** 64 KiB for each of the 600 requests per minute. */
const LIMIT = 600 * 64 * 1024;
const LIFE_MS = 600_000;

const key = (name: string): PageKey => pageKey('cg:{scope}:m', name, 'acme');

it('removes the oldest pages of a tenant that has too many bytes, and none of others', () => {
  const time = { now: 0 };
  const pages = new TenantPages(() => time.now);
  const [acme, globex] = [principalOf('acme').tenant, principalOf('globex').tenant];
  expect(pages.stored(acme, key('a'), LIMIT / 2, LIFE_MS)).toEqual([]);
  expect(pages.stored(acme, key('b'), LIMIT / 2, LIFE_MS)).toEqual([]);
  expect(pages.stored(globex, key('g'), LIMIT, LIFE_MS)).toEqual([]);
  // A page that is stored again is counted once, and is the newest.
  expect(pages.stored(acme, key('a'), LIMIT / 2, LIFE_MS)).toEqual([]);
  expect(pages.stored(acme, key('c'), 1, LIFE_MS)).toEqual([key('b')]);
  expect(pages.stored(acme, key('d'), LIMIT + 1, LIFE_MS)).toEqual([key('a'), key('c'), key('d')]);
});

it('does not count pages that have expired', () => {
  const time = { now: 0 };
  const pages = new TenantPages(() => time.now);
  const { tenant } = principalOf('acme');
  pages.stored(tenant, key('a'), LIMIT, LIFE_MS);
  time.now = LIFE_MS;
  expect(pages.stored(tenant, key('b'), LIMIT, LIFE_MS)).toEqual([]);
});
