import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '../../src/config/config.js';
import { RedisScript } from '../../src/redis/redis-script.js';
import {
  setUpRedisTests,
  closing,
  COUNT_WHEN_FULL,
  failure,
  kind,
  logged,
  open,
  startServer,
} from '../support/redis-fixture.js';
import { eventually } from '../support/eventually.js';
import { startOldRedis } from '../support/redis-old-server.js';

const ECHO = new RedisScript('echo', '#!lua flags=no-writes\nreturn { KEYS[1], ARGV[1], tonumber(ARGV[2]) }');
const WRONG = new RedisScript('wrong', "#!lua\nreturn redis.error_reply('NONSENSE said the script')");

setUpRedisTests();

describe('one server', () => {
  it('runs scripts with keys and arguments', async () => {
    const { redis } = await open((await startServer()).url);
    expect(await redis.run(ECHO, ['k'], ['a', 7])).toEqual(['k', 'a', 7]);
    expect(redis.up).toBe(true);
  });

  it('receives the full script once, and again after a script flush', async () => {
    const one = await startServer();
    const { count } = await open(one.url);
    const inFull = async (): Promise<number> => {
      const stats = await one.command('INFO', 'commandstats');
      return Number(/cmdstat_eval:calls=(\d+)/.exec(stats)?.[1]);
    };
    const before = await inFull();
    for (let expected = 1; expected <= 3; expected++) expect(await count()).toBe(expected);
    expect(await inFull()).toBe(before + 1);
    await one.command('SCRIPT', 'FLUSH');
    expect(await count()).toBe(4);
    expect(await inFull()).toBe(before + 2);
  });

  it('is used with the database and password of the URL', async () => {
    const one = await startServer({ password: 'canary' });
    const { count } = await open(`${one.url}/3`);
    await count();
    expect(await one.command('-n', '3', 'GET', 'counter')).toBe('1');
  });

  it('is reached over TLS if its certificate is trusted', async () => {
    const folder = closing(mkdtempSync(join(tmpdir(), 'gateway-redis-tls-')), (path) =>
      rmSync(path, { recursive: true }),
    );
    const tls = { certificate: join(folder, 'certificate.pem'), key: join(folder, 'key.pem') };
    const request = `req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -addext subjectAltName=DNS:localhost`;
    execFileSync('openssl', [...request.split(' '), '-keyout', tls.key, '-out', tls.certificate], {
      stdio: 'ignore',
    });
    const one = await startServer({ tls });
    expect((await failure((await open(one.url)).count()))?.reason).toMatch(/certificate/);
    const known = closing(getCACertificates('default'), setDefaultCACertificates);
    setDefaultCACertificates([...known, readFileSync(tls.certificate, 'utf8')]);
    const { count } = await open(one.url);
    const counts = await Promise.all(Array.from({ length: 100 }, count));
    expect(counts).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
  });

  it('reports the error of a script', async () => {
    const { redis } = await open((await startServer()).url);
    const refused = await failure(redis.run(WRONG, ['k']));
    expect(refused).toMatchObject({ kind: 'refused', reason: 'NONSENSE said the script' });
    expect(redis.up).toBe(true);
  });

  it('closes at once, and fails the calls in flight', async () => {
    const one = await startServer();
    const { redis, count } = await open(one.url);
    one.freeze();
    const underWay = kind(count());
    redis.close();
    expect(await underWay).toBe('down');
    expect(await kind(count())).toBe('down');
  });
});

describe('the check of a server', () => {
  it('rejects Redis 6', async () => {
    const old = closing(await startOldRedis(), (one) => one.close());
    await expect(open(old.url)).rejects.toThrow(ConfigError);
    expect(logged().join()).toMatch(/this is Redis 6\.2\.14; Redis 7\.0 or later, or Valkey, is required/);
  });

  it('rejects a server that forbids INFO in scripts', async () => {
    const one = await startServer({
      settings: ['--user', 'default', 'on', 'nopass', '~*', '+@all', '-info'],
    });
    await expect(open(one.url)).rejects.toThrow(
      /REDIS_URL points to 127\.0\.0\.1:\d+: the user must be allowed to run scripts, and INFO/,
    );
  });

  it('mentions in production only connections over a network without encryption or password', async () => {
    await open((await startServer()).url, true);
    expect(logged().join()).not.toMatch(/not encrypted|without a password/);
    await open('rediss://:secret@redis.invalid', true);
    expect(logged().join()).not.toMatch(/not encrypted|without a password/);
    await open('redis://redis.invalid', true);
    expect(logged().join()).toMatch(/not encrypted.*without a password/);
  });
});

describe('a server that cannot write', () => {
  it('rejects scripts when its memory is full, except those with allow-oom', async () => {
    const one = await startServer();
    const { redis, count } = await open(one.url);
    await one.fill();
    expect(await failure(count())).toMatchObject({ kind: 'refused', reason: expect.stringMatching(/OOM/) });
    expect(await redis.run(COUNT_WHEN_FULL, ['counter'])).toBe(1);
    expect(redis.up).toBe(true);
    await one.unfill();
    expect(await count()).toBe(2);
  });

  it('rejects scripts while it is a replica, and runs them once it is a master', async () => {
    const [main, other] = [await startServer(), await startServer()];
    const { redis, count, isUp } = await open(other.url);
    await other.command('REPLICAOF', '127.0.0.1', main.port);
    expect(await failure(count())).toMatchObject({
      kind: 'refused',
      reason: expect.stringMatching(/READONLY/),
    });
    expect(await kind(redis.run(COUNT_WHEN_FULL, ['counter']))).toBe('refused');
    await eventually(async () => logged().find((line) => line.includes('this is a replica')));
    expect(redis.up).toBe(false);
    await other.command('REPLICAOF', 'NO', 'ONE');
    await isUp();
    expect(await count()).toBe(1);
  });
});
