import { expect, it } from '@jest/globals';
import { FairShare } from './fair-share.js';
import { ProcessPace } from './process-pace.js';

const MAX = 64;
const PER_SECOND = 1_000;
const ACME = { account: 'one', tenant: 'acme', weight: 1, maxWaitMs: 60_000 };
const membership = ({ account, tenant }: { account: string; tenant: string }) => ({ account, tenant });
const fairShare = (maxConcurrency = MAX): FairShare =>
  new FairShare({ maxConcurrency, perSecond: PER_SECOND, pace: new ProcessPace(PER_SECOND) });

it('an account may use all permits again once the only other one was removed', async () => {
  const share = fairShare();
  (await share.acquire({ ...ACME, account: 'two' }))();
  const releases = await Promise.all(Array.from({ length: MAX / 2 }, () => share.acquire(ACME)));
  const more = Array.from({ length: MAX / 4 + 1 }, () => share.acquire(ACME));
  await Promise.all(more.slice(0, MAX / 4));
  expect([share.underWay, share.waiting]).toEqual([(MAX * 3) / 4, 1]);
  share.forget({ tenants: [], accounts: ['two'], memberships: [membership({ ...ACME, account: 'two' })] });
  releases[0]?.();
  const rest = await Promise.all(more);
  // The one that waited has the permit that was released. The others may be used, too.
  for (let n = 0; n < MAX / 8; n += 1) rest.push(await share.acquire(ACME));
  expect(share.underWay).toBe((MAX * 7) / 8);
  for (const release of [...releases, ...rest]) release();
});

it('calls of a removed account that wait are sent, and those under way release their permits', async () => {
  const share = fairShare(1);
  const release = await share.acquire(ACME);
  const waits = share.acquire(ACME);
  share.forget({ tenants: ['acme'], accounts: ['one'], memberships: [membership(ACME)] });
  release();
  (await waits)();
  const last = await share.acquire(ACME);
  share.forget({ tenants: ['acme'], accounts: ['one'], memberships: [membership(ACME)] });
  const other = share.acquire(ACME);
  expect([share.underWay, share.waiting]).toEqual([1, 1]);
  last();
  (await other)();
  expect([share.underWay, share.waiting]).toEqual([0, 0]);
});

it('an account that comes back has its whole rate, and a tenant that comes back has no debt', () => {
  const pace = new ProcessPace(PER_SECOND);
  const demand = { tenant: 'acme', weight: 1, calls: 1 };
  pace.throttled('one', 30_000, 0);
  expect(pace.next('one', [demand], 0)).toMatchObject({ starts: [], isSlowed: true });
  pace.onTenantsRemoved({ tenants: [], accounts: ['one'], memberships: [] });
  expect(pace.next('one', [demand], 0)).toMatchObject({ starts: ['acme'], isSlowed: false });
  pace.onTenantsRemoved({ tenants: ['acme'], accounts: [], memberships: [membership(ACME)] });
  const both = [demand, { ...demand, tenant: 'globex' }];
  expect(pace.next('one', both, 0).starts).toEqual(['acme']);
});
