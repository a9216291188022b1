import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import {
  setUpRedisTests,
  closing,
  failure,
  kind,
  logged,
  open,
  startProxy,
  startServer,
  TIMEOUT_MS,
} from '../support/redis-fixture.js';
import { RedisServer } from '../support/redis-server.js';

setUpRedisTests();

describe('without Redis', () => {
  it('starts, fails at once, and connects as soon as Redis is up', async () => {
    const one = closing(await RedisServer.reserve(), (it) => it.stop());
    const { count, isUp, metrics } = await open(one.url);
    expect(await failure(count())).toMatchObject({
      kind: 'down',
      reason: expect.stringMatching(/ECONNREFUSED/),
    });
    expect(await metrics()).toMatch(/^gateway_redis_up\{connection="cache"\} 0$/m);
    expect(await metrics()).toMatch(/^gateway_redis_failures_total\{connection="cache",kind="down"\} 1$/m);
    await one.launch();
    await isUp();
    expect(await count()).toBe(1);
    expect(await metrics()).toMatch(/^gateway_redis_up\{connection="cache"\} 1$/m);
  });

  it('reconnects when Redis is killed and comes back empty', async () => {
    const one = await startServer();
    const { redis, count, isUp } = await open(one.url);
    await count();
    await one.kill();
    expect(await kind(count())).toBe('down');
    await one.launch();
    await isUp();
    expect(await count()).toBe(1);
    expect(redis.up).toBe(true);
  });

  it('reconnects when Redis comes back with an old snapshot', async () => {
    const one = await startServer();
    const { count, isUp } = await open(one.url);
    await count();
    await one.snapshot();
    await count();
    await one.rollback();
    await eventually(async () => (await kind(count('other'))) === undefined || undefined);
    await isUp();
    expect(await count()).toBe(2);
  });

  it('reports a wrong password without logging it, and connects once it is right', async () => {
    const one = await startServer({ password: 'another' });
    const { count, isUp } = await open(one.url.replace('another', 'canary'));
    expect((await failure(count()))?.reason).toMatch(/WRONGPASS/);
    await one.command('CONFIG', 'SET', 'requirepass', 'canary');
    await isUp();
    expect(logged().join()).toMatch(/WRONGPASS/);
    expect(logged().join()).not.toMatch(/canary/);
  });

  it('logs a change once across any number of attempts', async () => {
    const one = closing(await RedisServer.reserve(), (it) => it.stop());
    const { isUp } = await open(one.url);
    const proxy = await startProxy(one);
    await open(one.url.replace(`${one.port}`, `${proxy.port}`));
    await eventually(async () => proxy.connections > 4 || undefined);
    await one.launch();
    await isUp();
    const ofServer = logged().filter((line) => line.includes(`127.0.0.1:${one.port}`));
    expect(ofServer).toEqual([
      expect.stringContaining('Redis is down'),
      expect.stringContaining('Redis is up'),
    ]);
  });
});

describe('a server that does not respond', () => {
  it('does not prevent startup, and is used once it responds', async () => {
    const one = await startServer();
    one.freeze();
    const { count, isUp } = await open(one.url);
    expect(await failure(count())).toMatchObject({ kind: 'down', reason: 'not connected yet' });
    expect(logged().join()).toMatch(/Redis is down.*no response within/);
    one.thaw();
    await isUp();
    expect(await count()).toBe(1);
  });

  it('is down after three timeouts, and runs none of the 10,000 waiting scripts', async () => {
    const one = await startServer();
    const { count, isUp, metrics } = await open(one.url);
    await count();
    one.freeze();
    const kinds = await Promise.all(Array.from({ length: 10_000 }, () => kind(count())));
    expect(Map.groupBy(kinds, (each) => each ?? 'answered').get('timeout')).toHaveLength(3);
    expect(new Set(kinds)).toEqual(new Set(['timeout', 'down']));
    expect(await metrics()).toMatch(/^gateway_redis_up\{connection="cache"\} 0$/m);
    // Nothing is sent while it is down.
    expect(await kind(count())).toBe('down');
    one.thaw();
    await isUp();
    // At most 256 scripts, the maximum in flight, were sent before the first timeout.
    expect(Number(await one.command('GET', 'counter'))).toBeLessThanOrEqual(1 + 256);
    await expect(count()).resolves.toBeGreaterThan(1);
  });

  it('is down after three consecutive timeouts', async () => {
    const one = await startServer();
    const { count, isUp } = await open(one.url);
    one.freeze();
    const kinds: (string | undefined)[] = [];
    // A timeout during which this process was busy does not count.
    while (kinds.at(-1) !== 'down' && kinds.length < 20) kinds.push(await kind(count()));
    expect(kinds.slice(0, 3)).toEqual(['timeout', 'timeout', 'timeout']);
    expect(kinds.at(-1)).toBe('down');
    expect(await kind(count())).toBe('down');
    one.thaw();
    await isUp();
  });

  it('is down while it is slow, and is used again afterwards', async () => {
    const one = await startServer();
    const proxy = await startProxy(one);
    const { count, isUp } = await open(`redis://127.0.0.1:${proxy.port}`);
    await count();
    proxy.delay(2 * TIMEOUT_MS);
    expect(await Promise.all([kind(count()), kind(count()), kind(count())])).toEqual([
      'timeout',
      'timeout',
      'timeout',
    ]);
    expect(await kind(count())).toBe('down');
    // The connection must be reset: after a normal close, the server would still run the commands it has not read.
    await eventually(async () => proxy.resets || undefined);
    proxy.repair();
    await isUp();
  });

  it('stays up after two timeouts between responses', async () => {
    const one = await startServer();
    const proxy = await startProxy(one);
    const { redis, count } = await open(`redis://127.0.0.1:${proxy.port}`);
    for (let round = 0; round < 2; round++) {
      proxy.hold();
      expect(await Promise.all([kind(count()), kind(count())])).toEqual(['timeout', 'timeout']);
      proxy.repair();
      await eventually(async () => (await kind(count())) === undefined || undefined);
    }
    expect(redis.up).toBe(true);
    expect(proxy.connections).toBe(1);
  });

  it('is reconnected after a network failure', async () => {
    const one = await startServer();
    const proxy = await startProxy(one);
    const { count, isUp } = await open(`redis://127.0.0.1:${proxy.port}`);
    proxy.cut();
    await eventually(async () => (await kind(count())) === 'down' || undefined);
    proxy.repair();
    await isUp();
    expect(await count()).toBe(1);
  });

  it('stays up when this process pauses', async () => {
    const one = await startServer();
    const { redis, count } = await open(one.url);
    await count();
    const calls = Array.from({ length: 5 }, () => count());
    // Wait until they are sent.
    for (let turns = 0; turns < 3; turns++) await turn();
    const end = performance.now() + 2 * TIMEOUT_MS;
    while (performance.now() < end);
    await expect(Promise.all(calls)).resolves.toHaveLength(5);
    expect(redis.up).toBe(true);
  });
});
