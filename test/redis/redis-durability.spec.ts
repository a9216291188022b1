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

/** Opens a connection with the options of the state store. */
async function open(url: string, durability: Durability): Promise<RedisConnection> {
  const { state } = loadConfig({ STATE_REDIS_URL: url });
  if (!state.redis) throw new Error('STATE_REDIS_URL was not read');
  const options = { name: 'state', setting: 'STATE_REDIS_URL', commandTimeoutMs: TIMEOUT_MS, durability };
  const redis = closing(new RedisConnection(state.redis, new Metrics(), options), (one) => one.close());
  await redis.start();
  return redis;
}

describe('a server that must be durable', () => {
  it.each([
    ['never evicts and keeps an append-only file', ['--maxmemory', '64mb', ...KEEPS]],
    ['has no memory limit', ['--maxmemory-policy', 'allkeys-lru', ...KEEPS]],
  ])('is used when it %s', async (_, settings) => {
    const redis = await open((await startServer({ settings })).url, 'required');
    expect(await redis.run(COUNT, ['counter'])).toBe(1);
    expect(logged().join()).not.toMatch(/not fit/);
  });

  it.each([
    ['evicts', ['--maxmemory', '64mb', '--maxmemory-policy', 'volatile-ttl', ...KEEPS], /may evict keys/],
    ['keeps no append-only file', [], /keeps no append-only file/],
  ])('prevents startup when it %s', async (_, settings, why) => {
    const opening = open((await startServer({ settings })).url, 'required');
    await expect(opening).rejects.toThrow(ConfigError);
    await expect(opening).rejects.toThrow(
      /STATE_REDIS_URL points to 127\.0\.0\.1:\d+: it .*STATE_DURABILITY/,
    );
    await expect(opening).rejects.toThrow(why);
  });

  it('is treated as down when it comes back without durability, and is used again once it is durable', async () => {
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

  it('can be a Cluster, in which every master is checked', async () => {
    const cluster = closing(await RedisCluster.start(), (it) => it.stop());
    const [first, second, third] = cluster.masters;
    for (const master of [first, third]) await master?.command('CONFIG', 'SET', 'appendonly', 'yes');
    await expect(open(cluster.url, 'required')).rejects.toThrow(
      new RegExp(`^Invalid settings:\\n +STATE_REDIS_URL points to 127.0.0.1:${second?.port}: [^\\n]+$`),
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
        API_KEY_PEPPER: 'a pepper of a good length, for tests',
        CAMS_ACCESS_KEY_ID: 'id',
        CAMS_ACCESS_KEY_SECRET: 'secret',
        ...stores,
      }),
    );
    await running.close();
  }

  it('starts with a durable state store, but not with a cache as the state store', async () => {
    const { url: cache } = await startServer();
    const { url: state } = await startServer({ settings: KEEPS });
    await start({ REDIS_URL: cache, STATE_REDIS_URL: state });
    await expect(start({ REDIS_URL: state, STATE_REDIS_URL: cache })).rejects.toThrow(
      /^Invalid settings:\n +STATE_REDIS_URL points to /,
    );
  });

  it('starts with any state store if STATE_DURABILITY is relaxed', async () => {
    const { url } = await startServer();
    await start({ REDIS_URL: url, STATE_REDIS_URL: url, STATE_DURABILITY: 'relaxed' });
  });
});

describe('a server that should be durable', () => {
  it('is used with a warning if it is not', async () => {
    const redis = await open((await startServer()).url, 'advised');
    expect(await redis.run(COUNT, ['counter'])).toBe(1);
    expect(logged()).toContainEqual(expect.stringMatching(/not durable enough for records.*append-only/));
  });
});
