import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ConfigError, loadConfig } from '../../src/config/config.js';
import type { Durability } from '../../src/redis/durability.js';
import { RedisConnection } from '../../src/redis/redis-connection.js';
import { startGateway } from '../../src/app/bootstrap.js';
import { Metrics } from '../../src/telemetry/metrics.js';
import { eventually } from '../support/eventually.js';
import { RedisCluster } from '../support/redis-cluster.js';
import {
  closing,
  COUNT,
  failure,
  logged,
  setUpRedisTests,
  startServer,
  TIMEOUT_MS,
} from '../support/redis-fixture.js';

const KEEPS = ['--appendonly', 'yes', '--appendfsync', 'everysec'];

setUpRedisTests();

/** A connection as the state has it. */
async function open(url: string, durability: Durability): Promise<RedisConnection> {
  const { state } = loadConfig({ STATE_REDIS_URL: url });
  if (!state.redis) throw new Error('STATE_REDIS_URL was not read');
  const options = { name: 'state', setting: 'STATE_REDIS_URL', commandTimeoutMs: TIMEOUT_MS, durability };
  const redis = closing(new RedisConnection(state.redis, new Metrics(), options), (one) => one.close());
  await redis.start();
  return redis;
}

describe('a server that must keep records', () => {
  it.each([
    ['never evicts, and keeps an append-only file', ['--maxmemory', '64mb', ...KEEPS]],
    ['has no limit to evict at', ['--maxmemory-policy', 'allkeys-lru', ...KEEPS]],
  ])('is used when it %s', async (_, settings) => {
    const redis = await open((await startServer({ settings })).url, 'required');
    expect(await redis.run(COUNT, ['counter'])).toBe(1);
    expect(logged().join()).not.toMatch(/not fit/);
  });

  it.each([
    ['evicts', ['--maxmemory', '64mb', '--maxmemory-policy', 'volatile-ttl', ...KEEPS], /may evict keys/],
    ['keeps no file', [], /keeps no append-only file/],
  ])('stops the start when it %s', async (_, settings, why) => {
    const opening = open((await startServer({ settings })).url, 'required');
    await expect(opening).rejects.toThrow(ConfigError);
    await expect(opening).rejects.toThrow(/STATE_REDIS_URL leads to 127\.0\.0\.1:\d+: it .*STATE_DURABILITY/);
    await expect(opening).rejects.toThrow(why);
  });

  it('is an error, and down, when it comes back as one that forgets, and is used when it does no longer', async () => {
    const one = await startServer({ settings: KEEPS });
    const redis = await open(one.url, 'required');
    await one.command('CONFIG', 'SET', 'appendonly', 'no');
    await one.command('CLIENT', 'KILL', 'TYPE', 'normal');
    await eventually(async () => logged().find((line) => line.includes('Redis cannot be used')));
    expect(redis.up).toBe(false);
    expect(await failure(redis.run(COUNT, ['counter']))).toMatchObject({
      kind: 'refused',
      reason: expect.stringMatching(/append-only/),
    });
    await one.command('CONFIG', 'SET', 'appendonly', 'yes');
    await eventually(async () => redis.up || undefined);
    expect(await redis.run(COUNT, ['counter'])).toBe(1);
  });

  it('may be a Cluster, of which every master is asked', async () => {
    const cluster = closing(await RedisCluster.start(), (it) => it.stop());
    const [first, second, third] = cluster.masters;
    for (const master of [first, third]) await master?.command('CONFIG', 'SET', 'appendonly', 'yes');
    await expect(open(cluster.url, 'required')).rejects.toThrow(
      new RegExp(`^Settings are not valid:\\n +STATE_REDIS_URL leads to 127.0.0.1:${second?.port}: [^\\n]+$`),
    );
    await second?.command('CONFIG', 'SET', 'appendonly', 'yes');
    expect((await open(cluster.url, 'required')).up).toBe(true);
  });
});

describe('a gateway in production', () => {
  async function start(stores: Record<string, string>): Promise<void> {
    const folder = closing(mkdtempSync(join(tmpdir(), 'gateway-durability-')), (path) =>
      rmSync(path, { recursive: true }),
    );
    const file = join(folder, 'tenants.yaml');
    writeFileSync(file, 'tenants: []\n');
    const running = await startGateway(
      loadConfig({
        NODE_ENV: 'production',
        PORT: '0',
        MANAGEMENT_PORT: '0',
        LOG_LEVEL: 'silent',
        TENANTS_FILE: file,
        API_KEY_PEPPER: 'a pepper of some length',
        CAMS_ACCESS_KEY_ID: 'id',
        CAMS_ACCESS_KEY_SECRET: 'secret',
        ...stores,
      }),
    );
    await running.close();
  }

  it('starts with a state that keeps records, and not with the one of a cache', async () => {
    const { url: cache } = await startServer();
    const { url: state } = await startServer({ settings: KEEPS });
    await start({ REDIS_URL: cache, STATE_REDIS_URL: state });
    await expect(start({ REDIS_URL: cache, STATE_REDIS_URL: cache })).rejects.toThrow(
      /^Settings are not valid:\n +STATE_REDIS_URL leads to /,
    );
  });

  it('starts with any state where that is accepted', async () => {
    const { url } = await startServer();
    await start({ REDIS_URL: url, STATE_REDIS_URL: url, STATE_DURABILITY: 'relaxed' });
  });
});

describe('a server that had better keep records', () => {
  it('is used as it is, with a warning', async () => {
    const redis = await open((await startServer()).url, 'advised');
    expect(await redis.run(COUNT, ['counter'])).toBe(1);
    expect(logged()).toContainEqual(expect.stringMatching(/not fit for records.*append-only/));
  });
});
