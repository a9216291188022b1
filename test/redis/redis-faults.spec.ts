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
  it('starts, fails at once, and finds it when it is there', async () => {
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

  it('finds it when it is killed and comes back empty', async () => {
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

  it('finds it when it comes back with an old snapshot', async () => {
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

  it('says what is wrong with a password, never which one it was, and goes on when it is right', async () => {
    const one = await startServer({ password: 'another' });
    const { count, isUp } = await open(one.url.replace('another', 'canary'));
    expect((await failure(count()))?.reason).toMatch(/WRONGPASS/);
    await one.command('CONFIG', 'SET', 'requirepass', 'canary');
    await isUp();
    expect(logged().join()).toMatch(/WRONGPASS/);
    expect(logged().join()).not.toMatch(/canary/);
  });

  it('logs a change once, however often it tries', async () => {
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

describe('a server that does not answer', () => {
  it('does not keep the gateway from starting, and is used when it answers', async () => {
    const one = await startServer();
    one.freeze();
    const { count, isUp } = await open(one.url);
    expect(await failure(count())).toMatchObject({ kind: 'down', reason: 'not connected yet' });
    expect(logged().join()).toMatch(/Redis is down.*no answer within/);
    one.thaw();
    await isUp();
    expect(await count()).toBe(1);
  });

  it('is left after three timeouts, and runs none of the 10,000 scripts that waited', async () => {
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
    // Those that were sent before the first timeout: no more than may be unanswered.
    expect(Number(await one.command('GET', 'counter'))).toBeLessThanOrEqual(1 + 256);
    await expect(count()).resolves.toBeGreaterThan(1);
  });

  it('is left after three timeouts one after the other', async () => {
    const one = await startServer();
    const { count, isUp } = await open(one.url);
    one.freeze();
    const kinds = [];
    for (let call = 0; call < 5; call++) kinds.push(await kind(count()));
    expect(kinds).toEqual(['timeout', 'timeout', 'timeout', 'down', 'down']);
    one.thaw();
    await isUp();
  });

  it('is no longer asked when it is only slow, and is asked again when it is not', async () => {
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
    // A mere end would let the server run what it has not read yet.
    await eventually(async () => proxy.resets || undefined);
    proxy.mend();
    await isUp();
  });

  it('may time out twice between answers', async () => {
    const one = await startServer();
    const proxy = await startProxy(one);
    const { redis, count } = await open(`redis://127.0.0.1:${proxy.port}`);
    for (let round = 0; round < 2; round++) {
      proxy.hold();
      expect(await Promise.all([kind(count()), kind(count())])).toEqual(['timeout', 'timeout']);
      proxy.mend();
      await eventually(async () => (await kind(count())) === undefined || undefined);
    }
    expect(redis.up).toBe(true);
    expect(proxy.connections).toBe(1);
  });

  it('is found again when the network between was cut', async () => {
    const one = await startServer();
    const proxy = await startProxy(one);
    const { count, isUp } = await open(`redis://127.0.0.1:${proxy.port}`);
    proxy.cut();
    await eventually(async () => (await kind(count())) === 'down' || undefined);
    proxy.mend();
    await isUp();
    expect(await count()).toBe(1);
  });

  it('is not blamed for a pause of this process', async () => {
    const one = await startServer();
    const { redis, count } = await open(one.url);
    await count();
    const calls = Array.from({ length: 5 }, () => count());
    // Until they are on their way.
    for (let turns = 0; turns < 3; turns++) await turn();
    const end = performance.now() + 2 * TIMEOUT_MS;
    while (performance.now() < end);
    await expect(Promise.all(calls)).resolves.toHaveLength(5);
    expect(redis.up).toBe(true);
  });
});
