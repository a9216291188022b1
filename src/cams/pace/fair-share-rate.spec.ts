import { expect, it } from '@jest/globals';
import { Interest } from '../../request/interest.js';
import { FairShare } from './fair-share.js';
import { Overload } from './overload.js';
import { ProcessPace } from './process-pace.js';

let nowMs = 0;
const clock = { nowMs: () => nowMs, after: () => () => undefined };

it('is the whole rate of the account for a tenant that calls alone, and follows the weights of those that call', async () => {
  const fairShare = new FairShare({ maxConcurrency: 100, perSecond: 60, pace: new ProcessPace(60), clock });
  const of = (tenant: string, weight = 1, account = 'one') => ({ account, tenant, weight });
  const acquire = async (claim: ReturnType<typeof of>): Promise<() => void> =>
    fairShare.acquire({ ...claim, maxWaitMs: 1_000 });
  expect(fairShare.shareOf(of('a'))).toBe(60);
  const release = await acquire(of('b', 2));
  expect([fairShare.shareOf(of('a')), fairShare.shareOf(of('b', 2))]).toEqual([20, 60]);
  await acquire(of('c', 3, 'another'));
  expect(fairShare.shareOf(of('a'))).toBe(20);
  release();
  expect(fairShare.shareOf(of('a'))).toBe(20);
  nowMs = 1_001;
  expect(fairShare.shareOf(of('a'))).toBe(60);
});

it('leaves a quarter of the permits to other accounts, however many tenants of one have calls that hang', async () => {
  const fairShare = new FairShare({
    maxConcurrency: 16,
    perSecond: 10_000,
    pace: new ProcessPace(10_000),
    clock,
  });
  const granted = new Map<string, number>();
  const ask = async (account: string, tenant: string): Promise<void> => {
    await fairShare.acquire({ account, tenant, weight: 1, maxWaitMs: 1_000 });
    granted.set(account, (granted.get(account) ?? 0) + 1);
  };
  void ask('two', 'first');
  for (let tenant = 0; tenant < 40; tenant += 1) void ask('one', `t${tenant}`);
  for (let tenant = 0; tenant < 40; tenant += 1) void ask('two', `t${tenant}`);
  await new Promise(setImmediate);
  expect([granted.get('one'), granted.get('two')]).toEqual([12, 4]);
});

it('keeps no place for a claim whose client has left', async () => {
  const fairShare = new FairShare({
    maxConcurrency: 1,
    perSecond: 10_000,
    pace: new ProcessPace(10_000),
    clock,
  });
  const interest = new Interest();
  const claim = { account: 'one', tenant: 'a', weight: 1, maxWaitMs: 1_000 };
  const release = await fairShare.acquire(claim);
  const left = fairShare.acquire({ ...claim, interest });
  const stays = fairShare.acquire(claim);
  interest.requestEnded();
  await expect(left).rejects.toBeInstanceOf(Overload);
  expect([fairShare.waiting, fairShare.underWay]).toEqual([1, 1]);
  release();
  await stays;
});
