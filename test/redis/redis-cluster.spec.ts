import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { RedisCluster } from '../support/redis-cluster.js';
import { setUpRedisTests, COUNT, failure, kind, open } from '../support/redis-fixture.js';
import type { RedisServer } from '../support/redis-server.js';

setUpRedisTests();

describe('a Cluster', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await RedisCluster.start();
  });
  afterAll(() => cluster.stop());
  beforeEach(async () => {
    for (const master of cluster.masters) await master.flush();
  });

  /** Returns a key of each master. */
  async function keys(): Promise<[string, string, string]> {
    const found = new Map<RedisServer, string>();
    for (let index = 0; found.size < 3; index++)
      found.set(await cluster.holder(`{${index}}:k`), `{${index}}:k`);
    const [first, second, third] = cluster.masters.map((master) => found.get(master) ?? '');
    return [first ?? '', second ?? '', third ?? ''];
  }

  it('runs each script on the master of its keys', async () => {
    const { count } = await open(cluster.url);
    const all = await keys();
    expect(await Promise.all([...all, ...all].map(count))).toEqual([1, 1, 1, 2, 2, 2]);
    for (const [index, master] of cluster.masters.entries())
      expect(await master.command('GET', all[index] ?? '')).toBe('2');
  });

  it('is discovered through any of its masters', async () => {
    const { count, isUp } = await open(`redis://127.0.0.1:1,${cluster.masters[1]?.url}`);
    await isUp();
    for (const key of await keys()) expect(await count(key)).toBe(1);
  });

  it('rejects keys of several slots', async () => {
    const { redis } = await open(cluster.url);
    expect(await failure(redis.run(COUNT, await keys()))).toMatchObject({
      kind: 'refused',
      reason: expect.stringMatching(/CROSSSLOT/),
    });
  });

  it('fails only for the keys of a master that does not respond', async () => {
    const { redis, count, isUp } = await open(cluster.url);
    await isUp();
    const [frozen, ...others] = await keys();
    cluster.masters[0]?.freeze();
    try {
      const lost = await Promise.all(Array.from({ length: 1_000 }, () => kind(count(frozen))));
      expect(new Set(lost)).toEqual(new Set(['timeout', 'down']));
      for (let round = 1; round <= 3; round++) {
        expect(await Promise.all(others.map(count))).toEqual([round, round]);
        expect(await kind(count(frozen))).toBe('down');
      }
      expect(redis.up).toBe(false);
    } finally {
      cluster.masters[0]?.thaw();
    }
    await isUp();
    expect(Number(await cluster.masters[0]?.command('GET', frozen))).toBeLessThanOrEqual(256);
    await expect(count(frozen)).resolves.toBeGreaterThan(0);
  });

  it('reconnects to a master that was killed and restarted', async () => {
    const { count, isUp } = await open(cluster.url);
    await isUp();
    const [lost, kept] = await keys();
    await cluster.masters[0]?.kill();
    await eventually(async () => (await kind(count(lost))) === 'down' || undefined);
    expect(await count(kept)).toBe(1);
    await cluster.masters[0]?.launch();
    await isUp();
    await eventually(async () => (await kind(count(lost))) === undefined || undefined);
  });

  it('follows keys that move to another master', async () => {
    const { count } = await open(cluster.url);
    const [moving, staying] = await keys();
    const target = cluster.masters[1];
    expect(await Promise.all([count(moving), count(staying)])).toEqual([1, 1]);
    if (target) await cluster.move(moving, target);
    for (let round = 2; round <= 4; round++) {
      expect(await Promise.all([count(moving), count(staying)])).toEqual([round, round]);
    }
    expect(await target?.command('GET', moving)).toBe('4');
  });
});
